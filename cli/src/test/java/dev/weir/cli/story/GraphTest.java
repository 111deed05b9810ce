package dev.weir.cli.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is told of edges that sidecars counted, between two looks. */
class GraphTest {
  /** Each has a page for each look, the last one for all further ones. */
  private static final class Counted implements Sidecars {
    private final Map<String, Deque<String>> pages = new TreeMap<>();

    Counted with(String sidecar, String... looks) {
      pages.put(sidecar, new ArrayDeque<>(List.of(looks)));
      return this;
    }

    @Override
    public List<String> names() {
      return List.copyOf(pages.keySet());
    }

    @Override
    public String page(String name, String path) throws IOException {
      Deque<String> looks = pages.get(name);
      if (looks == null || looks.isEmpty()) {
        throw new IOException("it is gone");
      }
      String edges = looks.size() > 1 ? looks.removeFirst() : looks.getFirst();
      return "{\"folded\":0,\"edges\":[" + edges + "]}";
    }
  }

  private static String edge(String reporter, String source, int count, String more) {
    return """
    {"reporter":"%s","source":"%s","destination":"shop/inventory","port":8080,"protocol":"http",\
    "count":%d,"first":-56,"counts":[%d]%s}\
    """
        .formatted(reporter, source, count, count, more);
  }

  private static final String OK = ",\"response_class\":\"2xx\"";
  private static final String REFUSED =
      ",\"response_class\":\"4xx\",\"cause\":\"rate-limited\",\"policy\":\"shop/inventory\"";

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private String graph(Sidecars sidecars, String service, Graph.Form form) throws IOException {
    int status =
        Graph.run(
            sidecars,
            new Graph.Wanted(service, Duration.ofMillis(1), form),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            System.err);
    assertEquals(0, status);
    return out.toString(StandardCharsets.UTF_8);
  }

  private static Counted shop() {
    return new Counted()
        .with(
            "frontend-1",
            edge("source", "shop/frontend", 100, OK),
            edge("source", "shop/frontend", 190, OK)
                + ","
                + edge("source", "shop/frontend", 10, REFUSED))
        .with(
            "inventory-1",
            edge("destination", "shop/frontend", 5, OK)
                + ","
                + edge("destination", "unknown/unknown", 5, OK),
            edge("destination", "shop/frontend", 95, OK)
                + ","
                + edge("destination", "unknown/unknown", 25, OK));
  }

  @Test
  void edgeIsWhatCameBetweenTwoLooksWithTheShareThatWentWell() throws Exception {
    String text = graph(shop(), "", Graph.Form.TEXT);
    List<String> lines = text.lines().toList();
    assertEquals(3, lines.size(), text);
    assertTrue(lines.get(1).startsWith("outside "), text);
    assertTrue(
        lines.get(2).matches("shop/frontend +shop/inventory:8080 +http .* 90\\.0 % .*7\\.81 ms.*"),
        text);
    assertTrue(lines.get(2).endsWith("rate-limited 10"), text);
  }

  @Test
  void callThatBothSidesSawIsCountedOnce() throws Exception {
    Traffic traffic =
        new Traffic(
            Map.of(),
            Map.of(
                "a", page(edge("source", "shop/frontend", 10, OK)),
                "b", page(edge("destination", "shop/frontend", 10, OK))),
            1);
    assertEquals(1, traffic.edges().size());
    assertEquals(10, traffic.edges().values().iterator().next().calls());
  }

  @Test
  void sidecarThatBeganAnewCountsFromNothing() {
    Traffic traffic =
        new Traffic(
            Map.of("a", page(edge("source", "shop/frontend", 100, OK))),
            Map.of("a", page(edge("source", "shop/frontend", 7, OK))),
            1);
    assertEquals(7, traffic.edges().values().iterator().next().calls());
  }

  private static Facts page(String edge) {
    return Facts.of(
        new org.snakeyaml.engine.v2.api.Load(
                org.snakeyaml.engine.v2.api.LoadSettings.builder().build())
            .loadFromString("{\"edges\":[" + edge + "]}"));
  }

  @Test
  void graphOfOneServiceHasItsCallersAndWhomItCalls() throws Exception {
    assertTrue(graph(shop(), "frontend", Graph.Form.TEXT).contains("shop/inventory:8080"));
    out.reset();
    assertEquals(
        "nobody called anybody in 0.001 s; --for counts longer\n",
        graph(shop(), "cart", Graph.Form.TEXT));
  }

  @Test
  void dotNamesServicesSoThatCallsToThemAndFromThemMeet() throws Exception {
    String dot = graph(shop(), "", Graph.Form.DOT);
    assertTrue(dot.startsWith("digraph mesh {"), dot);
    assertTrue(dot.contains("\"shop/frontend\" -> \"shop/inventory\" [label=\"http "), dot);
    assertTrue(dot.contains("color=red"), dot);
  }

  @Test
  void programsGetNumbers() throws Exception {
    String json = graph(shop(), "", Graph.Form.JSON);
    assertTrue(json.contains("\"success\": 0.9"), json);
  }
}
