package dev.weir.cli.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.cli.Output;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Stories of hops that sidecars have told, in their own form. */
class ExplainTest {
  private static final String FRONTEND_IN =
      request("inbound", "00.000", 40, "a", "/buy", "10.0.0.1:80", 503, "");
  private static final String FRONTEND_OUT =
      request("outbound", "00.005", 30, "b", "/items", "10.9.9.9:80", 503, "")
          .replace(
              "\"attempts\":[]",
              "\"attempts\":[{\"number\":1,\"copy\":false,\"host\":\"10.0.0.2:80\",\"start_ms\":0.1,\"sent_ms\":1.2,\"head_ms\":20.5,\"end_ms\":20.6,\"protocol\":\"HTTP/1.1\",\"earlier_requests\":7,\"status\":503}]");
  private static final String INVENTORY_IN =
      request("inbound", "00.006", 18, "b", "/items", "10.0.0.2:80", 429, "")
          .replace(
              "\"status\":429",
              "\"status\":429,\"cause\":\"rate-limited;policy=\\\"shop/inventory\\\"\"")
          .replace(
              "\"decisions\":[]",
              "\"decisions\":[{\"at_ms\":0.02,\"what\":\"rate limit\",\"policy\":\"shop/inventory\",\"limit\":\"all\",\"outcome\":\"refused\",\"numbers\":\"0 of 2 tokens left\"}]");

  private static String request(
      String direction,
      String at,
      double duration,
      String id,
      String path,
      String destination,
      int status,
      String more) {
    return """
    {"kind":"failed","time":"2026-11-29T12:00:%sZ","direction":"%s","request_id":"%s","trace_id":"t1",\
    "peer":"10.0.0.9:4000","destination":"%s","protocol":"HTTP/1.1","method":"GET","authority":"app",\
    "path":"%s","chain":"in","virtual_host":"app","route":"rest","cluster":"app","status":%d,\
    "flags":"-","details":"via_upstream","duration_ms":%s,"decisions":[],"attempts":[],\
    "configuration":{"number":3,"at":"2026-11-29T11:00:00Z","since":[]}%s}\
    """
        .formatted(at, direction, id, destination, path, status, duration, more);
  }

  /** Each has kept some requests; by the query it tells those of one id. */
  private static final class Kept implements Sidecars {
    private final Map<String, List<String>> requests = new TreeMap<>();

    Kept with(String sidecar, String... all) {
      requests.put(sidecar, List.of(all));
      return this;
    }

    @Override
    public List<String> names() {
      return List.copyOf(requests.keySet());
    }

    @Override
    public String page(String name, String path) throws IOException {
      List<String> all = requests.getOrDefault(name, List.of());
      if (all.isEmpty()) {
        throw new IOException("it is gone");
      }
      String id = path.replaceAll(".*id=", "");
      List<String> wanted = new ArrayList<>();
      for (String each : all) {
        if (!path.contains("id=") || each.contains("\"" + id + "\"")) {
          wanted.add(each);
        }
      }
      return "{\"node\":{\"cluster\":\""
          + name.split("-", 2)[0]
          + "\"},\"missed\":0,\"requests\":["
          + String.join(",", wanted)
          + "]}";
    }
  }

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int explain(Sidecars sidecars, String id, Output output) throws IOException {
    return Explain.run(
        sidecars,
        id.isEmpty() ? Optional.empty() : Optional.of(id),
        output,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  private List<String> said() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private static Kept shop() {
    return new Kept()
        .with("inventory-1", INVENTORY_IN)
        .with("frontend-1", FRONTEND_OUT, FRONTEND_IN);
  }

  @Test
  void hopsOfATraceStandBelowTheOneThatLedToThem() throws Exception {
    assertEquals(0, explain(shop(), "b", Output.TABLE));
    List<String> hops =
        said().stream()
            .filter(line ->
                line.strip().matches("(in|out) ?(to|of) .*") || line.strip().startsWith("into "))
            .toList();
    assertEquals(
        List.of(
            "into frontend-1  GET /buy (app)  503 after 40.0 ms",
            "  out of frontend-1  GET /items (app)  503 after 30.0 ms",
            "    into inventory-1  GET /items (app)  429 after 18.0 ms"),
        hops);
  }

  @Test
  void spansSayWhichOfTwoRequestsAtATimeACallIsOf() throws Exception {
    String first =
        request("inbound", "00.000", 40, "a", "/first", "10.0.0.1:80", 200, ",\"span_id\":\"s1\"");
    String second =
        request("inbound", "00.002", 40, "a", "/second", "10.0.0.1:80", 200, ",\"span_id\":\"s2\"");
    String call =
        request(
            "outbound",
            "00.005",
            30,
            "a",
            "/call",
            "10.9.9.9:80",
            200,
            ",\"span_id\":\"s3\",\"parent_span_id\":\"s1\"");
    explain(new Kept().with("frontend-1", first, second, call), "a", Output.TABLE);
    assertEquals(
        List.of("GET /first", "GET /call", "GET /second"),
        said().stream()
            .filter(line -> line.contains("frontend-1  GET"))
            .map(line -> line.replaceAll(".*(GET /\\w+) .*", "$1"))
            .toList());
  }

  @Test
  void whoRefusedItIsSaidFirstWithItsNumbers() throws Exception {
    explain(shop(), "t1", Output.TABLE);
    assertEquals(
        "why: the sidecar of inventory-1 ended it: rate-limited;policy=\"shop/inventory\" (rate"
            + " limit, 0 of 2 tokens left); docs/causes.md says what rate-limited means",
        said().get(1));
  }

  @Test
  void attemptTellsItsConnectionAndItsTimes() throws Exception {
    explain(shop(), "t1", Output.TABLE);
    assertTrue(
        said()
            .contains(
                "    try 1    10.0.0.2:80 at 0.10 ms: sent after 1.10 ms on a connection that had"
                    + " taken 7, HTTP/1.1; 503 after 20.4 ms; over after 20.5 ms"),
        () -> String.join("\n", said()));
  }

  @Test
  void appThatFailedIsNamedWhereNoSidecarRefused() throws Exception {
    explain(new Kept().with("frontend-1", FRONTEND_IN), "a", Output.TABLE);
    assertEquals("why: the app of frontend answered 503", said().get(1));
  }

  @Test
  void sidecarThatDoesNotAnswerIsSaidAndTheOthersAreTold() throws Exception {
    assertEquals(0, explain(shop().with("cart-1"), "t1", Output.TABLE));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("cart-1 cannot be asked: it is gone"));
  }

  @Test
  void unknownIdIsAFailureThatSaysWhatIsKept() throws Exception {
    assertEquals(1, explain(shop(), "nothing", Output.TABLE));
    assertTrue(err.toString(StandardCharsets.UTF_8).contains("no sidecar has kept"));
  }

  @Test
  void withoutAnIdWhatFailedIsListed() throws Exception {
    assertEquals(0, explain(shop(), "", Output.TABLE));
    assertTrue(said().getFirst().startsWith("TIME "), said()::toString);
    assertTrue(
        said().stream().anyMatch(line -> line.contains("inventory-1") && line.contains("429")),
        said()::toString);
  }

  @Test
  void programsGetTheHopsInOrderWithTheirDepth() throws Exception {
    explain(shop(), "t1", Output.JSON);
    String json = out.toString(StandardCharsets.UTF_8);
    assertTrue(json.indexOf("\"depth\": 0") < json.indexOf("\"depth\": 1"), json);
    assertTrue(json.indexOf("\"depth\": 1") < json.indexOf("\"depth\": 2"), json);
  }
}
