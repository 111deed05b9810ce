package dev.weir.sidecar.runtime;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The program's own mistakes: exceptions that no peer and no configuration should be able to cause.
 * Each is counted; each kind is told once with its stack, its repeats as a number once a minute at
 * most, by a line that is written off the loops. Whoever catches one ends what it happened to, a
 * stream if it can be, and reports it here. Any thread.
 */
public final class Incidents {
  private static final long REPEAT_NANOS = Duration.ofMinutes(1).toNanos();

  /** Kinds that are told apart; further ones count as one. */
  private static final int MOST_KINDS = 64;

  /** Lines that wait to be written; further ones are counted alone. */
  private static final int MOST_WAITING = 16;

  private static final int FRAMES = 16;
  private static final String OTHER = "other";

  /** What is known of one kind of mistake. */
  private static final class Kind {
    final AtomicLong untold = new AtomicLong();
    final AtomicLong toldAt = new AtomicLong();
  }

  private final Executor writer;
  private final Consumer<String> log;
  private final Runnable counted;
  private final Clock clock;
  private final Map<String, Kind> kinds = new ConcurrentHashMap<>();
  private final AtomicLong count = new AtomicLong();
  private final AtomicInteger waiting = new AtomicInteger();

  /**
   * @param writer where lines are written; may be shut down
   * @param log takes a line
   * @param counted told of each incident
   */
  public Incidents(Executor writer, Consumer<String> log, Runnable counted, Clock clock) {
    this.writer = writer;
    this.log = log;
    this.counted = counted;
    this.clock = clock;
  }

  /** How many there were. */
  public long count() {
    return count.get();
  }

  /** Reports what an I/O event ended with, unless it is the peer's or the network's doing. */
  public void reportUnlessIo(String where, Throwable cause) {
    if (!(cause instanceof IOException)) {
      report(where, cause);
    }
  }

  /**
   * @param where in a few words that do not vary: {@code a stream}, {@code a flush}
   */
  public void report(String where, Throwable mistake) {
    count.incrementAndGet();
    counted.run();
    String name = name(where, mistake);
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
        write("internal error in " + where + ": " + describe(mistake));
        return;
      }
    }
    again(where, mistake, known);
  }

  private void again(String where, Throwable mistake, Kind known) {
    known.untold.incrementAndGet();
    long told = known.toldAt.get();
    long now = clock.nanoTime();
    if (now - told >= REPEAT_NANOS && known.toldAt.compareAndSet(told, now)) {
      long times = known.untold.getAndSet(0);
      write("internal error in " + where + ", " + times + " times more: " + mistake);
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

  private static String name(String where, Throwable mistake) {
    StackTraceElement[] stack = mistake.getStackTrace();
    return where + "/" + mistake.getClass().getName() + (stack.length == 0 ? "" : "/" + stack[0]);
  }

  /** One line: what it is, the innermost frames first, and what caused it. */
  private static String describe(Throwable mistake) {
    StringBuilder line = new StringBuilder();
    Throwable each = mistake;
    for (int depth = 0; each != null && depth < 3; depth++, each = each.getCause()) {
      line.append(depth == 0 ? "" : "; caused by ").append(each).append(" at");
      StackTraceElement[] stack = each.getStackTrace();
      for (int i = 0; i < Math.min(FRAMES, stack.length); i++) {
        line.append(i == 0 ? " " : " < ").append(stack[i]);
      }
    }
    return line.toString().replace('\n', ' ').replace('\r', ' ');
  }
}
