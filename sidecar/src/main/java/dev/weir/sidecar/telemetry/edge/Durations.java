package dev.weir.sidecar.telemetry.edge;

import java.util.Arrays;

/**
 * How many streams took how long, in buckets of which there are eight to each power of two of a
 * second: a duration is told within 9 %. They are those of OpenTelemetry's exponential histograms
 * of scale 3, and of Prometheus's native ones of schema 3. Immutable; two of them add up.
 */
public final class Durations {
  /** Buckets to a power of two. */
  static final int TO_A_POWER = 8;

  public static final Durations NONE = new Durations(0, new long[0], 0);

  /** About 61 us, and 68 min; what is beyond is counted there. */
  static final int LOWEST = -14 * TO_A_POWER;

  static final int HIGHEST = 12 * TO_A_POWER;

  private static final double NANO = 1e-9;
  private static final int MANTISSA_BITS = 52;
  private static final int BIAS = 1023;

  /** What is above one of these, of a power of two, is at least so many buckets above it. */
  private static final long[] STEPS = steps();

  private final int first;
  private final long[] counts;
  private final long sumNanos;

  /**
   * @param first the bucket of {@code counts[0]}
   * @param counts is the new object's from now on
   */
  Durations(int first, long[] counts, long sumNanos) {
    this.first = first;
    this.counts = counts;
    this.sumNanos = sumNanos;
  }

  private static long[] steps() {
    long[] steps = new long[TO_A_POWER];
    for (int i = 0; i < TO_A_POWER; i++) {
      steps[i] =
          Double.doubleToRawLongBits(Math.pow(2, i / (double) TO_A_POWER))
              & (1L << MANTISSA_BITS) - 1;
    }
    return steps;
  }

  /** The bucket {@code i} for which 2^((i-1)/8) < seconds <= 2^(i/8). */
  static int bucket(long nanos) {
    long bits = Double.doubleToRawLongBits(Math.max(1, nanos) * NANO) - 1; // bounds are inclusive
    int power = (int) (bits >>> MANTISSA_BITS) - BIAS;
    long mantissa = bits & (1L << MANTISSA_BITS) - 1;
    int step = mantissa >= STEPS[4] ? 4 : 0;
    step += mantissa >= STEPS[step + 2] ? 2 : 0;
    step += mantissa >= STEPS[step + 1] ? 1 : 0;
    return Math.clamp(power * TO_A_POWER + step + 1, LOWEST, HIGHEST);
  }

  /** The bucket of the first of {@link #counts}. */
  public int first() {
    return first;
  }

  /** How many there are in each bucket, in turn. */
  public long[] counts() {
    return counts.clone();
  }

  public long count() {
    return Arrays.stream(counts).sum();
  }

  public long sumNanos() {
    return sumNanos;
  }

  public Durations plus(Durations other) {
    if (counts.length == 0) {
      return other;
    }
    if (other.counts.length == 0) {
      return this;
    }
    int low = Math.min(first, other.first);
    int high = Math.max(first + counts.length, other.first + other.counts.length);
    long[] sum = new long[high - low];
    addTo(sum, low);
    other.addTo(sum, low);
    return new Durations(low, sum, sumNanos + other.sumNanos);
  }

  /**
   * What has come since {@code before} was read.
   *
   * @param before of the same edge, earlier; if it has something that is not here, the edge has
   *     begun anew, and all has come since then
   */
  public Durations since(Durations before) {
    int offset = before.first - first;
    int length = before.counts.length;
    if (length == 0
        || offset < 0
        || offset + length > counts.length
        || sumNanos < before.sumNanos) {
      return this;
    }
    long[] rest = counts.clone();
    for (int i = 0; i < length; i++) {
      rest[offset + i] -= before.counts[i];
      if (rest[offset + i] < 0) {
        return this;
      }
    }
    return new Durations(first, rest, sumNanos - before.sumNanos);
  }

  private void addTo(long[] sum, int low) {
    for (int i = 0; i < counts.length; i++) {
      sum[first - low + i] += counts[i];
    }
  }

  /** How many took {@code seconds} at most: those whose bucket is more than half below it. */
  public long within(double seconds) {
    double last = Math.floor(TO_A_POWER * Math.log(seconds) / Math.log(2) + 0.5);
    int end = (int) Math.clamp(last - first + 1, 0, counts.length);
    long within = 0;
    for (int i = 0; i < end; i++) {
      within += counts[i];
    }
    return within;
  }

  /**
   * The most that {@code share} of them took, in seconds; 0 if there are none.
   *
   * @param share 0 to 1
   */
  public double quantile(double share) {
    long rank = Math.max(1, (long) Math.ceil(count() * share));
    for (int i = 0; i < counts.length; i++) {
      rank -= counts[i];
      if (rank <= 0) {
        return Math.pow(2, (first + i) / (double) TO_A_POWER);
      }
    }
    return 0;
  }
}
