package dev.weir.sidecar.runtime;

import dev.weir.sidecar.log.Level;
import dev.weir.sidecar.log.Log;
import dev.weir.sidecar.log.Mistakes;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The program's own mistakes: exceptions that no peer and no configuration should be able to cause.
 * Each is counted; each kind is told once with its stack, its repeats as a number: {@link
 * FoldedLog}. Whoever catches one ends what it happened to, a stream if it can be, and reports it
 * here. Any thread.
 */
public final class Incidents {
  private final FoldedLog log;
  private final Runnable counted;
  private final AtomicLong count = new AtomicLong();

  /**
   * @param counted told of each incident
   */
  public Incidents(Log log, Runnable counted, Clock clock) {
    this.log = new FoldedLog(log, Level.ERROR, clock);
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
        () -> "internal error in " + where + ": " + Mistakes.describe(mistake),
        times -> "internal error in " + where + ", " + times + " times more: " + mistake);
  }

  private static String name(String where, Throwable mistake) {
    StackTraceElement[] stack = mistake.getStackTrace();
    return where + "/" + mistake.getClass().getName() + (stack.length == 0 ? "" : "/" + stack[0]);
  }
}
