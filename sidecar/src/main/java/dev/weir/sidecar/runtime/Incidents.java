package dev.weir.sidecar.runtime;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The program's own mistakes: exceptions that no peer and no configuration should be able to cause.
 * Each is counted; each kind is told once with its stack, its repeats as a number: {@link
 * FoldedLog}. Whoever catches one ends what it happened to, a stream if it can be, and reports it
 * here. Any thread.
 */
public final class Incidents {
  private static final int FRAMES = 16;

  private final FoldedLog log;
  private final Runnable counted;
  private final AtomicLong count = new AtomicLong();

  /**
   * @param writer where lines are written; may be shut down
   * @param log takes a line
   * @param counted told of each incident
   */
  public Incidents(Executor writer, Consumer<String> log, Runnable counted, Clock clock) {
    this.log = new FoldedLog(writer, log, clock);
    this.counted = counted;
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
    log.tell(
        name(where, mistake),
        () -> "internal error in " + where + ": " + describe(mistake),
        times -> "internal error in " + where + ", " + times + " times more: " + mistake);
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
