package dev.weir.sidecar.metrics;

import dev.weir.sidecar.telemetry.edge.Durations;
import dev.weir.sidecar.telemetry.edge.Exemplar;
import java.util.List;
import java.util.Optional;

/**
 * Takes metrics, a family after the other, in one of the formats that Prometheus reads. Names and
 * labels are as they are to be; a family is written once.
 */
public interface MetricsWriter {
  /** What a family is. */
  enum Type {
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  /**
   * A bucket: how many are at most {@code bound}.
   *
   * @param exemplar one of those that are in no bucket before
   */
  record Bucket(double bound, long cumulative, Optional<Exemplar> exemplar) {}

  /**
   * A histogram.
   *
   * @param buckets the last one is without a bound, positive infinity
   * @param fine the same, by more buckets than a text has; empty: these are all there are
   */
  record Histogram(List<Bucket> buckets, Number sum, Optional<Durations> fine) {
    public Histogram {
      buckets = List.copyOf(buckets);
    }

    public long count() {
      return buckets.getLast().cumulative();
    }
  }

  /** Whether exemplars can be told. */
  boolean exemplars();

  /**
   * Begins a family.
   *
   * @param help a sentence; empty for none
   */
  void family(String name, Type type, String help);

  /** Of the family that has begun, which is no histogram. */
  void sample(Labels labels, long value);

  /** The same. */
  void sample(Labels labels, double value);

  /** Of the family that has begun, which is one. */
  void histogram(Labels labels, Histogram histogram);
}
