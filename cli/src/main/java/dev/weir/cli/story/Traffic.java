package dev.weir.cli.story;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Who called whom between two looks at all sidecars, and what came of it. */
final class Traffic {
  /**
   * Who calls a port of a service.
   *
   * @param from namespace/name, or {@code outside}
   * @param to namespace/name:port
   */
  record Edge(String from, String to, String protocol) implements Comparable<Edge> {
    @Override
    public int compareTo(Edge other) {
      int order = from.compareTo(other.from);
      order = order == 0 ? to.compareTo(other.to) : order;
      return order == 0 ? protocol.compareTo(other.protocol) : order;
    }
  }

  private static final String OUTSIDE = "outside";

  private final SortedMap<Edge, EdgeCounts> edges = new TreeMap<>();
  private final double seconds;

  /**
   * @param before the page of each sidecar at the first look
   * @param after at the second
   */
  Traffic(Map<String, Facts> before, Map<String, Facts> after, double seconds) {
    this.seconds = seconds;
    SortedMap<Edge, EdgeCounts> bySource = new TreeMap<>();
    SortedMap<Edge, EdgeCounts> byDestination = new TreeMap<>();
    after.forEach((sidecar, page) -> {
      Map<String, Facts> then = new HashMap<>();
      Facts earlier = before.getOrDefault(sidecar, Facts.of(Map.of()));
      earlier.parts("edges").forEach(edge -> then.put(identity(edge), edge));
      for (Facts edge : page.parts("edges")) {
        EdgeCounts counts =
            (edge.text("reporter").equals("source") ? bySource : byDestination)
                .computeIfAbsent(key(edge), each -> new EdgeCounts());
        counts.add(edge, then.getOrDefault(identity(edge), Facts.of(Map.of())));
      }
    });
    edges.putAll(bySource);
    // Who calls is heard of where there is no sidecar beside it.
    byDestination.forEach((edge, counts) -> edges.putIfAbsent(edge, counts));
    edges.values().removeIf(counts -> counts.calls() == 0);
  }

  private static Edge key(Facts edge) {
    String from = edge.text("source");
    String to = edge.text("destination");
    int port = edge.whole("port");
    return new Edge(
        from.equals("unknown/unknown") ? OUTSIDE : from,
        port == 0 ? to : to + ":" + port,
        edge.text("protocol"));
  }

  /** All that edges of one page are told apart by. */
  private static String identity(Facts edge) {
    return String.join(
        "|",
        List.of(
            edge.text("reporter"),
            edge.text("source"),
            edge.text("destination"),
            edge.text("port"),
            edge.text("protocol"),
            edge.text("response_class"),
            edge.text("grpc_status"),
            edge.text("cause"),
            edge.text("policy")));
  }

  SortedMap<Edge, EdgeCounts> edges() {
    return edges;
  }

  double perSecond(EdgeCounts counts) {
    return counts.calls() / seconds;
  }

  /** For programs. */
  List<Object> value() {
    List<Object> value = new ArrayList<>();
    edges.forEach((edge, counts) -> {
      Map<String, Object> fields = new java.util.LinkedHashMap<>();
      fields.put("from", edge.from());
      fields.put("to", edge.to());
      fields.put("protocol", edge.protocol());
      fields.put("per_second", rounded(perSecond(counts)));
      fields.put("success", rounded(counts.success()));
      fields.put("p50_ms", rounded(counts.quantileMillis(0.5)));
      fields.put("p99_ms", rounded(counts.quantileMillis(0.99)));
      fields.put("causes", counts.causes());
      value.add(fields);
    });
    return value;
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
