package dev.weir.sidecar.filter.http.circuitbreaker;

import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.ConsecutiveFailures;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Trip;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Failed attempts, one after the other. While all is well it is read and not written. */
final class FailuresInARow implements TripCount {
  private final AtomicInteger failures;
  private final int most;

  FailuresInARow(ConsecutiveFailures trip) {
    this(new AtomicInteger(), trip);
  }

  private FailuresInARow(AtomicInteger failures, ConsecutiveFailures trip) {
    this.failures = failures;
    this.most = trip.failures();
  }

  @Override
  public @Nullable String add(boolean failed, long tookNanos, long nowNanos) {
    if (failed) {
      return failures.incrementAndGet() < most ? null : most + " failures in a row";
    }
    if (failures.get() != 0) {
      failures.set(0);
    }
    return null;
  }

  @Override
  public boolean slow(long tookNanos) {
    return false;
  }

  @Override
  public TripCount with(Trip next) {
    return next instanceof ConsecutiveFailures row
        ? new FailuresInARow(failures, row)
        : TripCount.of(next);
  }

  @Override
  public void clear() {
    failures.set(0);
  }

  @Override
  public String describe(long nowNanos) {
    return "failures in a row: " + failures.get();
  }
}
