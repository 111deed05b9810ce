package dev.weir.sidecar.telemetry.edge;

import dev.weir.sidecar.format.Json;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * {@code /edges} of the admin page: what was counted of each edge since it is known, as JSON. Two
 * looks, and what is more in the second, are what came in between. Any thread but a loop.
 */
public final class EdgesPage {
  private final Edges edges;

  public EdgesPage(Edges edges) {
    this.edges = edges;
  }

  /** The page. */
  public String json() {
    Map<String, Object> page = new LinkedHashMap<>();
    page.put("folded", edges.folded());
    page.put("edges", edges.read().stream().<Object>map(EdgesPage::facts).toList());
    return Json.write(page) + "\n";
  }

  private static Map<String, Object> facts(EdgeReading reading) {
    Edge edge = reading.edge();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("reporter", lower(edge.reporter()));
    facts.put("source", name(edge.source().namespace(), edge.source().name()));
    facts.put("destination", name(edge.destination().namespace(), edge.destination().service()));
    facts.put("port", edge.destination().port());
    facts.put("protocol", lower(edge.protocol()));
    put(facts, "response_class", edge.responseClass());
    put(facts, "grpc_status", edge.grpcStatus());
    put(facts, "cause", edge.cause());
    put(facts, "policy", edge.policy());
    put(facts, "shadow_cause", edge.shadowCause());
    put(facts, "shadow_policy", edge.shadowPolicy());
    Durations durations = reading.durations();
    facts.put("count", reading.count());
    facts.put("sum_ms", durations.sumNanos() / 1_000_000);
    facts.put("first", durations.first());
    facts.put("counts", Arrays.stream(durations.counts()).<Object>mapToObj(Long::valueOf).toList());
    facts.put("received", reading.received());
    facts.put("sent", reading.sent());
    return facts;
  }

  /** Of a cluster of which nobody says whose it is there is no namespace. */
  private static String name(String namespace, String name) {
    return namespace.isEmpty() ? name : namespace + "/" + name;
  }

  private static void put(Map<String, Object> facts, String key, String text) {
    if (!text.isEmpty()) {
      facts.put(key, text);
    }
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
