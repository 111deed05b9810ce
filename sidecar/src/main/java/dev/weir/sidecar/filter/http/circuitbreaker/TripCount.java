package dev.weir.sidecar.filter.http.circuitbreaker;

import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Trip;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a closed breaker counts, and when it is too much. Any thread. */
sealed interface TripCount permits FailuresInARow, ShareOfCalls {
  static TripCount of(Trip trip) {
    return switch (trip) {
      case CircuitBreakerConfig.ConsecutiveFailures row -> new FailuresInARow(row);
      case CircuitBreakerConfig.FailureRate rate -> ShareOfCalls.failed(rate);
      case CircuitBreakerConfig.SlowCalls slow -> ShareOfCalls.slow(slow);
    };
  }

  /**
   * Counts an attempt; why the breaker must open now, {@code 4 failures in a row}, or null.
   *
   * @param tookNanos {@link dev.weir.sidecar.filter.AttemptEnd#nanos}
   */
  @Nullable String add(boolean failed, long tookNanos, long nowNanos);

  /** An attempt that took so long is bad, however it ended. */
  boolean slow(long tookNanos);

  /** With other numbers: what was counted goes on counting where it still means the same. */
  TripCount with(Trip next);

  void clear();

  /** {@code failures in a row: 2}. */
  String describe(long nowNanos);

  /** {@code 10 s}, {@code 250 ms}. */
  static String text(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }
}
