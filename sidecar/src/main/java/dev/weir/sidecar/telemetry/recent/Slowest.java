package dev.weir.sidecar.telemetry.recent;

/**
 * Which requests are among the slowest hundredth of those that come: a bound that rises by 99 parts
 * when one is over it, and falls by one when it is not, stands still where one in a hundred is. One
 * number, and no history. One thread.
 */
final class Slowest {
  private static final double STEP = 0.1;
  private static final double SHARE = 0.01;
  private static final double LEAST_NANOS = 1_000;

  private double bound = 1_000_000;

  /** Counts one that took {@code nanos}; true if it is one of the slow ones. */
  boolean add(long nanos) {
    boolean slow = nanos > bound;
    bound *= slow ? 1 + STEP * (1 - SHARE) : 1 - STEP * SHARE;
    if (bound < LEAST_NANOS) {
      bound = LEAST_NANOS;
    }
    return slow;
  }
}
