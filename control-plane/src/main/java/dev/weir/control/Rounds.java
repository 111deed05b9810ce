package dev.weir.control;

import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;

/**
 * When to deal with what has happened: once for all events of a while, which begins with the first
 * of them and is not prolonged by the others. Between two rounds is as long as the first of them
 * took, within bounds, so that at least half of the time is for everything else, however often
 * things happen; an event after a time of rest does not wait for that. Control thread.
 */
final class Rounds {
  private static final Duration LONGEST = Duration.ofSeconds(2);

  private final Duration shortest;
  private final BiConsumer<Duration, Runnable> after;
  private final LongSupplier nanos;
  private final Runnable round;
  private long restedAt;
  private boolean asked;

  /**
   * @param shortest how long events are gathered at least
   * @param after runs a task on the control thread after a time
   * @param nanos a clock that nobody sets
   */
  Rounds(
      Duration shortest, BiConsumer<Duration, Runnable> after, LongSupplier nanos, Runnable round) {
    this.shortest = shortest;
    this.after = after;
    this.nanos = nanos;
    this.round = round;
    this.restedAt = nanos.getAsLong();
  }

  /** Something happened. */
  void ask() {
    if (!asked) {
      asked = true;
      long rest = restedAt - nanos.getAsLong();
      after.accept(Duration.ofNanos(Math.max(shortest.toNanos(), rest)), this::run);
    }
  }

  private void run() {
    asked = false;
    long start = nanos.getAsLong();
    try {
      round.run();
    } finally {
      long end = nanos.getAsLong();
      restedAt = end + Math.min(end - start, LONGEST.toNanos());
    }
  }
}
