package dev.weir.sidecar.runtime;

import dev.weir.sidecar.log.Level;
import dev.weir.sidecar.log.Log;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * A log of what may come often: each kind is told at once the first time, and its repeats as a
 * number, once a minute at most; whoever wants debug messages is told of each. Any thread.
 */
public final class FoldedLog {
  private static final long REPEAT_NANOS = Duration.ofMinutes(1).toNanos();

  /** Kinds that are told apart; further ones count as one. */
  private static final int MOST_KINDS = 64;

  private static final String OTHER = "other";

  /** What is known of one kind. */
  private static final class Kind {
    final AtomicLong untold = new AtomicLong();
    final AtomicLong toldAt = new AtomicLong();
  }

  private final Log log;
  private final Level level;
  private final Clock clock;
  private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

  /** One of warnings. */
  public FoldedLog(Log log, Clock clock) {
    this(log, Level.WARNING, clock);
  }

  /**
   * @param level of what is told
   */
  public FoldedLog(Log log, Level level, Clock clock) {
    this.log = log;
    this.level = level;
    this.clock = clock;
  }

  /**
   * @param first the line of the first of its kind
   * @param again the line of repeats, by their number
   */
  public void tell(String kind, Supplier<String> first, LongFunction<String> again) {
    if (log.shows(Level.DEBUG)) {
      log.say(level, first.get(), Map.of());
      return;
    }
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
        log.say(level, first.get(), Map.of());
        return;
      }
    }
    known.untold.incrementAndGet();
    long told = known.toldAt.get();
    long now = clock.nanoTime();
    if (now - told >= REPEAT_NANOS && known.toldAt.compareAndSet(told, now)) {
      long times = known.untold.getAndSet(0);
      log.say(level, again.apply(times), Map.of(Log.REPEATS, times));
    }
  }
}
