package dev.weir.sidecar.metrics;

import dev.weir.sidecar.metrics.MetricsWriter.Bucket;
import dev.weir.sidecar.telemetry.edge.Durations;
import dev.weir.sidecar.telemetry.edge.Edge;
import dev.weir.sidecar.telemetry.edge.Edge.Protocol;
import dev.weir.sidecar.telemetry.edge.EdgeReading;
import dev.weir.sidecar.telemetry.edge.Edges;
import dev.weir.sidecar.telemetry.edge.Exemplar;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** Who calls whom, and what came of it: docs/metrics.md. */
final class EdgeMetrics {
  /** In seconds; what the sidecar counts by is finer. */
  private static final double[] BOUNDS = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300
  };

  private static final double NANO = 1e-9;

  /** OpenMetrics has 128 characters for all labels of an exemplar. */
  private static final int LONGEST_TRACE_ID = 100;

  private EdgeMetrics() {}

  /** Times, and where a trace of them is to be found. */
  private record Times(Durations durations, List<Exemplar> exemplars) {
    Times plus(Times other) {
      List<Exemplar> all = new ArrayList<>(exemplars);
      all.addAll(other.exemplars);
      return new Times(durations.plus(other.durations), all);
    }
  }

  static void write(Edges edges, MetricsWriter out) {
    Map<Labels, EdgeReading> requests = new TreeMap<>();
    Map<Labels, EdgeReading> relays = new TreeMap<>();
    Map<Labels, Times> times = new TreeMap<>();
    for (EdgeReading reading : edges.read()) {
      Edge edge = reading.edge();
      if (edge.protocol() == Protocol.TCP) {
        relays.merge(labels(edge, true), reading, EdgeMetrics::sum);
      } else {
        requests.merge(labels(edge, true), reading, EdgeMetrics::sum);
        times.merge(
            labels(edge, false), new Times(reading.durations(), reading.exemplars()), Times::plus);
      }
    }
    counter(out, "weir_requests_total", "Requests that are over.", requests, EdgeReading::count);
    durations(out, times);
    counter(
        out,
        "weir_request_bytes_total",
        "Bytes of the bodies of requests.",
        requests,
        EdgeReading::received);
    counter(
        out,
        "weir_response_bytes_total",
        "Bytes of the bodies of responses.",
        requests,
        EdgeReading::sent);
    counter(
        out,
        "weir_tcp_connections_total",
        "Connections without HTTP that are over.",
        relays,
        EdgeReading::count);
    counter(
        out,
        "weir_tcp_received_bytes_total",
        "Bytes from who has called, of connections that are over.",
        relays,
        EdgeReading::received);
    counter(
        out,
        "weir_tcp_sent_bytes_total",
        "Bytes to who has called, of connections that are over.",
        relays,
        EdgeReading::sent);
    out.family(
        "weir_edges", MetricsWriter.Type.GAUGE, "Combinations of labels that are counted by.");
    out.sample(Labels.NONE, edges.size());
    out.family(
        "weir_edges_folded_total",
        MetricsWriter.Type.COUNTER,
        "What was counted as others because there were too many combinations of labels.");
    out.sample(Labels.NONE, edges.folded());
  }

  /** Two clusters may be of one port of a service. */
  private static EdgeReading sum(EdgeReading one, EdgeReading other) {
    return new EdgeReading(
        one.edge(),
        one.durations().plus(other.durations()),
        one.received() + other.received(),
        one.sent() + other.sent(),
        one.exemplars());
  }

  private static void counter(
      MetricsWriter out,
      String name,
      String help,
      Map<Labels, EdgeReading> readings,
      ToLongFunction<EdgeReading> value) {
    if (!readings.isEmpty()) {
      out.family(name, MetricsWriter.Type.COUNTER, help);
      readings.forEach((labels, reading) -> out.sample(labels, value.applyAsLong(reading)));
    }
  }

  private static void durations(MetricsWriter out, Map<Labels, Times> all) {
    String name = "weir_request_duration_seconds";
    if (all.isEmpty()) {
      return;
    }
    out.family(
        name, MetricsWriter.Type.HISTOGRAM, "From a request's head to the end of its response.");
    all.forEach((labels, times) -> {
      Durations durations = times.durations();
      List<Bucket> buckets = new ArrayList<>();
      double above = 0;
      for (double bound : BOUNDS) {
        buckets.add(new Bucket(bound, durations.within(bound), exemplar(out, times, above, bound)));
        above = bound;
      }
      buckets.add(
          new Bucket(
              Double.POSITIVE_INFINITY,
              durations.count(),
              exemplar(out, times, above, Double.POSITIVE_INFINITY)));
      out.histogram(
          labels,
          new MetricsWriter.Histogram(
              buckets, durations.sumNanos() * NANO, Optional.of(durations)));
    });
  }

  /** The newest one of more than {@code above} and at most {@code bound} seconds, if any. */
  private static Optional<Exemplar> exemplar(
      MetricsWriter out, Times times, double above, double bound) {
    return times.exemplars().stream()
        .filter(each -> out.exemplars() && each.traceId().length() <= LONGEST_TRACE_ID)
        .filter(each -> each.nanos() * NANO > above && each.nanos() * NANO <= bound)
        .max(Comparator.comparingLong(Exemplar::atMillis));
  }

  private static Labels labels(Edge edge, boolean refusal) {
    int port = edge.destination().port();
    Labels labels =
        Labels.of("reporter", word(edge.reporter()))
            .with("source_workload", edge.source().name())
            .with("source_namespace", edge.source().namespace())
            .with("destination_service", edge.destination().service())
            .with("destination_namespace", edge.destination().namespace())
            .with("destination_port", port == 0 ? "" : Integer.toString(port))
            .with("protocol", word(edge.protocol()))
            .with("response_class", edge.responseClass())
            .with("grpc_status", edge.grpcStatus());
    return refusal
        ? labels
            .with("cause", edge.cause())
            .with("policy", edge.policy())
            .with("shadow_cause", edge.shadowCause())
            .with("shadow_policy", edge.shadowPolicy())
        : labels;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
