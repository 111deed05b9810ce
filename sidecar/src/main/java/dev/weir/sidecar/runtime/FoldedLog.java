package dev.weir.sidecar.runtime;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * A log of what may come often: each kind is told at once the first time, and its repeats as a
 * number, once a minute at most. Lines are written off the loops. Any thread.
 */
public final class FoldedLog {
  private static final long REPEAT_NANOS = Duration.ofMinutes(1).toNanos();

  /** Kinds that are told apart; further ones count as one. */
  private static final int MOST_KINDS = 64;

  /** Lines that wait to be written; further ones are lost. */
  private static final int MOST_WAITING = 16;

  private static final String OTHER = "other";

  /** What is known of one kind. */
  private static final class Kind {
    final AtomicLong untold = new AtomicLong();
    final AtomicLong toldAt = new AtomicLong();
  }

  private final Executor writer;
  private final Consumer<String> log;
  private final Clock clock;
  private final Map<String, Kind> kinds = new ConcurrentHashMap<>();
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * @param writer where lines are written; may be shut down
   * @param log takes a line
   */
  public FoldedLog(Executor writer, Consumer<String> log, Clock clock) {
    this.writer = writer;
    this.log = log;
    this.clock = clock;
  }

  /**
   * @param first the line of the first of its kind
   * @param again the line of repeats, by their number
   */
  public void tell(String kind, Supplier<String> first, LongFunction<String> again) {
    String name = kind;
    Kind known = kinds.get(name);
    if (known == null && kinds.size() >= MOST_KINDS) {
      name = OTHER;
      known = kinds.get(name);
    }
    if (known == null) {
      Kind fresh = new Kind();
      fresh.toldAt.set(clock.nanoTime());
      known = kinds.putIfAbsent(name, fresh);
      if (known == null) {
        write(first.get());
        return;
      }
    }
    known.untold.incrementAndGet();
    long told = known.toldAt.get();
    long now = clock.nanoTime();
    if (now - told >= REPEAT_NANOS && known.toldAt.compareAndSet(told, now)) {
      write(again.apply(known.untold.getAndSet(0)));
    }
  }

  private void write(String line) {
    if (waiting.incrementAndGet() > MOST_WAITING) {
      waiting.decrementAndGet();
      return;
    }
    try {
      writer.execute(() -> {
        waiting.decrementAndGet();
        log.accept(line);
      });
    } catch (RejectedExecutionException ended) {
      waiting.decrementAndGet();
      log.accept(line); // the process is at its end: nobody waits for this thread any more
    }
  }
}
