package dev.weir.control;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.logging.Filter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * What libraries log, most of it because of what a client sends: of a kind, which is the place that
 * logs it, what was thrown and where, one record a minute, which says how many there were in the
 * minute before. Any thread.
 */
final class SeldomLogged implements Filter {
  private static final int MOST_KINDS = 50;
  private static final int MOST_CAUSES = 10;
  private static final long PERIOD = Duration.ofMinutes(1).toNanos();

  private final LongSupplier nanos;
  private Map<String, Integer> counts = new HashMap<>();
  private Map<String, Integer> before = Map.of();
  private long since;

  /**
   * @param nanos a clock that nobody sets
   */
  SeldomLogged(LongSupplier nanos) {
    this.nanos = nanos;
    this.since = nanos.getAsLong();
  }

  /** Of all that this process logs. */
  static void install() {
    SeldomLogged filter = new SeldomLogged(System::nanoTime);
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      handler.setFilter(filter);
    }
  }

  @Override
  public synchronized boolean isLoggable(LogRecord entry) {
    long now = nanos.getAsLong();
    if (now - since >= PERIOD) {
      before = counts;
      counts = new HashMap<>();
      since = now;
    }
    String kind = kind(entry);
    if (!counts.containsKey(kind) && counts.size() >= MOST_KINDS) {
      return false;
    }
    if (counts.merge(kind, 1, Integer::sum) > 1) {
      return false;
    }
    int others = before.getOrDefault(kind, 0) - 1;
    if (others > 0) {
      entry.setMessage(entry.getMessage() + " (and " + others + " like it a while ago)");
    }
    return true;
  }

  private static String kind(LogRecord entry) {
    StringBuilder kind = new StringBuilder();
    kind.append(entry.getLevel()).append(' ').append(entry.getLoggerName());
    kind.append(' ').append(entry.getSourceMethodName());
    Throwable each = entry.getThrown();
    for (int i = 0; i < MOST_CAUSES && each != null; i++) {
      StackTraceElement[] trace = each.getStackTrace();
      kind.append(' ').append(each.getClass().getName());
      if (trace.length > 0) {
        kind.append(' ')
            .append(trace[0].getClassName())
            .append('.')
            .append(trace[0].getMethodName());
      }
      each = each.getCause();
    }
    return kind.toString();
  }
}
