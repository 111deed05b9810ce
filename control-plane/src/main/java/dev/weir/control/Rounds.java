package dev.weir.control;

import java.time.Duration;
import java.util.function.BiConsumer;

/**
 * When to deal with what has happened: once for all events of a while, which begins with the first
 * of them and is not prolonged by the others. It is as long as the last round took, within bounds,
 * so that at least half of the time is for everything else, however often things happen. Control
 * thread.
 */
final class Rounds {
  private static final Duration LONGEST = Duration.ofSeconds(2);

  private final Duration shortest;
  private final BiConsumer<Duration, Runnable> after;
  private final Runnable round;
  private Duration last = Duration.ZERO;
  private boolean asked;

  /**
   * @param shortest how long events are gathered at least
   * @param after runs a task on the control thread after a time
   */
  Rounds(Duration shortest, BiConsumer<Duration, Runnable> after, Runnable round) {
    this.shortest = shortest;
    this.after = after;
    this.round = round;
  }

  /** Something happened. */
  void ask() {
    if (!asked) {
      asked = true;
      after.accept(pause(), this::run);
    }
  }

  private Duration pause() {
    if (last.compareTo(shortest) < 0) {
      return shortest;
    }
    return last.compareTo(LONGEST) < 0 ? last : LONGEST;
  }

  private void run() {
    asked = false;
    long start = System.nanoTime();
    try {
      round.run();
    } finally {
      last = Duration.ofNanos(System.nanoTime() - start);
    }
  }
}
