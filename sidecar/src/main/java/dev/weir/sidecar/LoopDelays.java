package dev.weir.sidecar;

import dev.weir.sidecar.runtime.FoldedLog;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.Stats;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * How long a loop lets wait what it is to do: asked now and then, and counted as {@code
 * server.dispatcher.poll_delay_ms}. A loop that is late keeps each of its connections waiting: its
 * process has no CPU, or something blocks it. That is told.
 */
final class LoopDelays {
  /** How often it is asked. */
  static final Duration INTERVAL = Duration.ofSeconds(1);

  private static final long LATE_MILLIS = 1000;

  private final List<Loop> loops;
  private final Stats stats;
  private final FoldedLog log;
  private final int delay;

  /** By loop, whether it has not answered yet. */
  private final List<AtomicBoolean> asked;

  private final Consumer<Runnable> control;
  private final LongSupplier throttled;
  private long throttledBefore;

  /**
   * @param control runs a task on the control thread, unless all ends
   * @param throttled in microseconds, how long the process was kept from running
   */
  LoopDelays(
      List<Loop> loops,
      Stats stats,
      FoldedLog log,
      Consumer<Runnable> control,
      LongSupplier throttled) {
    this.loops = List.copyOf(loops);
    this.control = control;
    this.throttled = throttled;
    this.throttledBefore = throttled.getAsLong();
    this.stats = stats;
    this.log = log;
    this.delay =
        stats.newScope().histogram(StatName.of("server", "", "", "dispatcher.poll_delay_ms"));
    this.asked = loops.stream().map(_ -> new AtomicBoolean()).toList();
  }

  /** Asks all loops but those that have not answered yet. Control thread. */
  void ask() {
    for (Loop loop : loops) {
      AtomicBoolean waits = asked.get(loop.index());
      long now = loop.clock().nanoTime();
      if (waits.compareAndSet(false, true)) {
        try {
          loop.eventLoop().execute(() -> answered(loop, now));
        } catch (RejectedExecutionException ended) {
          return;
        }
      }
    }
  }

  private void answered(Loop loop, long since) {
    asked.get(loop.index()).set(false);
    long millis = Duration.ofNanos(loop.clock().nanoTime() - since).toMillis();
    stats.slab(loop.index()).record(delay, millis);
    if (millis >= LATE_MILLIS) {
      control.accept(() -> late(millis));
    }
  }

  /** Control thread: it reads a file. */
  private void late(long millis) {
    log.tell(
        "loop",
        () -> "a loop was late by " + millis + " ms, and all its connections with it" + why(),
        times -> "loops were late " + times + " times more, by " + millis + " ms last" + why());
  }

  private String why() {
    long now = throttled.getAsLong();
    long more = now - throttledBefore;
    throttledBefore = now;
    return more > 0
        ? ": its cgroup's CPU quota kept the process from running for "
            + Duration.ofNanos(more * 1000).toMillis()
            + " ms; give it more CPU"
        : ": the machine has no CPU for the process, or something blocks the loop";
  }
}
