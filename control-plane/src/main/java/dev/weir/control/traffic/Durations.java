package dev.weir.control.traffic;

import java.util.Arrays;

/**
 * How many streams took how long: a histogram of OpenTelemetry's exponential kind, between 61 us
 * and 68 min. Not for several threads.
 */
public final class Durations {
  /** Of what sidecars send: 2^3 buckets to a power of two of a second. */
  public static final int SCALE_SENT = 3;

  private static final int LOWEST_POWER = -14;
  private static final int HIGHEST_POWER = 12;
  private static final double MILLIS = 1000;

  private final int scale;

  /** The bucket of {@code counts[0]}. */
  private final int lowest;

  private final long[] counts;
  private long sumMicros;

  /**
   * @param scale 0 to {@link #SCALE_SENT}: 2^scale buckets to a power of two
   */
  public Durations(int scale) {
    this.scale = scale;
    this.lowest = LOWEST_POWER << scale;
    this.counts = new long[(HIGHEST_POWER - LOWEST_POWER << scale) + 1];
  }

  int scale() {
    return scale;
  }

  /**
   * Adds what a bucket has: {@code bucket} is the one for which 2^((bucket-1)/2^scale) < seconds <=
   * 2^(bucket/2^scale). One that is out of bounds is counted by the bucket at the bound.
   *
   * @param ofScale the scale it is of
   */
  public void add(int ofScale, int bucket, long count) {
    int down = ofScale - scale;
    int own = down < 0 ? bucket << -down : -(-bucket >> down); // upwards
    counts[Math.clamp((long) own - lowest, 0, counts.length - 1)] += count;
  }

  /** Adds to the time that all took. */
  public void addMicros(long micros) {
    sumMicros += micros;
  }

  /** Adds all of {@code other}, of whatever scale. */
  public void add(Durations other) {
    for (int i = 0; i < other.counts.length; i++) {
      if (other.counts[i] != 0) {
        add(other.scale, other.lowest + i, other.counts[i]);
      }
    }
    sumMicros += other.sumMicros;
  }

  void clear() {
    Arrays.fill(counts, 0);
    sumMicros = 0;
  }

  /** How many are counted in the {@code index}-th bucket from the lowest. */
  long at(int index) {
    return counts[index];
  }

  int size() {
    return counts.length;
  }

  void addAt(int index, long count) {
    counts[index] += count;
  }

  public long count() {
    return Arrays.stream(counts).sum();
  }

  public long sumMicros() {
    return sumMicros;
  }

  /**
   * What a share of them took at most, in milliseconds, rounded up to the bound of a bucket; 0 if
   * there are none.
   *
   * @param share 0 to 1
   */
  public double quantileMillis(double share) {
    long rank = Math.max(1, (long) Math.ceil(count() * share));
    for (int i = 0; i < counts.length; i++) {
      rank -= counts[i];
      if (rank <= 0) {
        return Math.pow(2, (lowest + i) / (double) (1 << scale)) * MILLIS;
      }
    }
    return 0;
  }
}
