package dev.weir.sidecar.telemetry.summary;

import dev.weir.protos.service.telemetry.v1alpha1.EdgeSummary;
import dev.weir.protos.service.telemetry.v1alpha1.TrafficSummary;
import dev.weir.sidecar.telemetry.edge.Durations;
import dev.weir.sidecar.telemetry.edge.Edge;
import dev.weir.sidecar.telemetry.edge.EdgeReading;
import dev.weir.sidecar.telemetry.edge.Edges;
import java.util.HashMap;
import java.util.Map;

/** What was counted of edges since it was told last, on whatever stream. Control thread. */
final class EdgeChanges {
  private static final long NANOS_TO_MICRO = 1000;

  private final Edges edges;
  private Map<Edge, EdgeReading> told = Map.of();
  private long toldFolded;

  EdgeChanges(Edges edges) {
    this.edges = edges;
  }

  /**
   * What is to be told, until it is.
   *
   * @param ids that this is the first to have
   */
  record Pending(Map<Edge, EdgeReading> readings, long folded, Map<Edge, Integer> ids) {}

  /**
   * Adds what is new to {@code summary}. Of edges for which there is no number left it tells only
   * how many streams they had.
   */
  Pending addTo(TrafficSummary.Builder summary, EdgeNumbers numbers) {
    Map<Edge, EdgeReading> readings = new HashMap<>();
    Map<Edge, Integer> fresh = new HashMap<>();
    long folded = edges.folded();
    long unnumbered = 0;
    for (EdgeReading reading : edges.read()) {
      Edge edge = reading.edge();
      readings.put(edge, reading);
      EdgeReading before = told.get(edge);
      Durations since =
          before == null ? reading.durations() : reading.durations().since(before.durations());
      long count = since.count();
      if (count == 0) {
        continue;
      }
      Integer known = numbers.of(edge);
      int id = known == null ? numbers.next() + fresh.size() : known;
      if (id > EdgeNumbers.MOST) {
        unnumbered += count;
        continue;
      }
      EdgeSummary.Builder message = summary.addEdgesBuilder().setId(id);
      if (known == null) {
        fresh.put(edge, id);
        message.setEdge(EdgeMessages.of(edge));
      }
      // One that has begun anew has nothing from before.
      EdgeReading base = since == reading.durations() ? null : before;
      write(since, message);
      message
          .setReceived(reading.received() - (base == null ? 0 : base.received()))
          .setSent(reading.sent() - (base == null ? 0 : base.sent()));
    }
    summary.setFolded(folded - toldFolded + unnumbered);
    return new Pending(readings, folded, fresh);
  }

  private static void write(Durations durations, EdgeSummary.Builder message) {
    long[] counts = durations.counts();
    int begin = 0;
    while (counts[begin] == 0) {
      begin++;
    }
    int end = counts.length;
    while (counts[end - 1] == 0) {
      end--;
    }
    message.setFirstBucket(durations.first() + begin);
    for (int i = begin; i < end; i++) {
      message.addCounts(counts[i]);
    }
    message.setSumMicros(durations.sumNanos() / NANOS_TO_MICRO);
  }

  /** It is told. */
  void told(Pending pending) {
    told = pending.readings();
    toldFolded = pending.folded();
  }

  /** What was counted until now is told to nobody. */
  void skip() {
    Map<Edge, EdgeReading> now = new HashMap<>();
    edges.read().forEach(reading -> now.put(reading.edge(), reading));
    told = now;
    toldFolded = edges.folded();
  }

  /** How many edges there are. */
  int size() {
    return edges.size();
  }
}
