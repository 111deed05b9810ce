package dev.weir.sidecar.stats;

import java.util.ArrayList;
import java.util.List;

/**
 * Counts of values in log-linear buckets: exact below 16, then 16 buckets to each power of two, so
 * a value is told within 6 %. One writer; a reader may see a value of the sum and not yet of its
 * bucket.
 */
public final class Histogram {
  private static final int SUB = 16;
  private static final int MAX_SHIFT = 36;

  private final long[] buckets = new long[SUB * (MAX_SHIFT + 1)];
  private long sum;

  /**
   * Upper bounds (inclusive) of the cumulative buckets that Prometheus is shown, in milliseconds:
   * Envoy's defaults.
   */
  private static final double[] BOUNDS = {
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000,
    1800000, 3600000
  };

  /** {@code bounds} and {@code cumulative} belong together. */
  public record Summary(
      long count,
      long sum,
      List<Double> bounds,
      List<Long> cumulative,
      double p50,
      double p90,
      double p99) {
    public Summary {
      bounds = List.copyOf(bounds);
      cumulative = List.copyOf(cumulative);
    }
  }

  /** Negative values count as 0. */
  public void record(long value) {
    long bounded = Math.max(0, value);
    buckets[bucket(bounded)]++;
    sum += bounded;
  }

  static int bucket(long value) {
    if (value < SUB) {
      return (int) value;
    }
    int shift = Math.min(MAX_SHIFT - 1, 63 - Long.numberOfLeadingZeros(value) - 4);
    int sub = (int) Math.min(2L * SUB - 1, value >>> shift) - SUB;
    return (shift + 1) * SUB + sub;
  }

  /** The largest value of bucket {@code index}. */
  static long upper(int index) {
    if (index < SUB) {
      return index;
    }
    int shift = index / SUB - 1;
    int sub = index % SUB + SUB;
    return ((sub + 1L) << shift) - 1;
  }

  void addAll(Histogram other) {
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] += other.buckets[i];
    }
    sum += other.sum;
  }

  Summary summary() {
    long count = 0;
    for (long bucket : buckets) {
      count += bucket;
    }
    List<Double> bounds = new ArrayList<>();
    List<Long> cumulative = new ArrayList<>();
    int index = 0;
    long below = 0;
    for (double bound : BOUNDS) {
      while (index < buckets.length && upper(index) <= bound) {
        below += buckets[index++];
      }
      bounds.add(bound);
      cumulative.add(below);
    }
    return new Summary(
        count,
        sum,
        bounds,
        cumulative,
        quantile(count, 0.5),
        quantile(count, 0.9),
        quantile(count, 0.99));
  }

  private double quantile(long count, double share) {
    long rank = (long) Math.ceil(count * share);
    long seen = 0;
    for (int i = 0; i < buckets.length; i++) {
      seen += buckets[i];
      if (seen >= rank && seen > 0) {
        return upper(i);
      }
    }
    return 0;
  }
}
