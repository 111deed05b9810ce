package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.runtime.Clock;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The traces in which this sidecar has given up trying, on its app's behalf. When the app fails for
 * that reason, its caller must not try the whole again: over four hops that would make a request of
 * one into many at the leaf. Any thread.
 */
public final class RetryStops {
  /** A caller that has not been answered by then has a deadline of its own. */
  private static final long REMEMBERED_NANOS = Duration.ofSeconds(10).toNanos();

  /** Over this number the old ones go, and if there are none, no new one comes. */
  private static final int MOST = 10_000;

  private final Clock clock;
  private final ConcurrentHashMap<String, Long> until = new ConcurrentHashMap<>();

  public RetryStops(Clock clock) {
    this.clock = clock;
  }

  /** The last try of a call in {@code trace} has failed, and there will be no other. */
  void gaveUp(@Nullable String trace) {
    if (trace == null) {
      return;
    }
    long now = clock.nanoTime();
    if (until.size() >= MOST) {
      until.values().removeIf(end -> end - now < 0);
    }
    if (until.size() < MOST) {
      until.put(trace, now + REMEMBERED_NANOS);
    }
  }

  /** Whether a call in {@code trace} was given up a moment ago. */
  boolean hasGivenUp(@Nullable String trace) {
    if (trace == null || until.isEmpty()) {
      return false;
    }
    Long end = until.get(trace);
    return end != null && end - clock.nanoTime() > 0;
  }
}
