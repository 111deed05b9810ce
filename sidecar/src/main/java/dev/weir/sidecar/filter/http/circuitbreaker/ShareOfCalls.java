package dev.weir.sidecar.filter.http.circuitbreaker;

import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.FailureRate;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.LastRequests;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.LastTime;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Share;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.SlowCalls;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Trip;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The attempts of a window that failed, or those that were slow, however they ended. An attempt
 * that is well may open it too: the one with which there are enough to judge by.
 */
final class ShareOfCalls implements TripCount {
  private static final long WHOLE = 10_000;

  private final Share share;

  /** Absent: bad is what failed. */
  private final Optional<Duration> slowerThan;

  private final long slowNanos;
  private final CallWindow window;

  private ShareOfCalls(Share share, Optional<Duration> slowerThan, CallWindow window) {
    this.share = share;
    this.slowerThan = slowerThan;
    this.slowNanos = slowerThan.map(Duration::toNanos).orElse(Long.MAX_VALUE);
    this.window = window;
  }

  static ShareOfCalls failed(FailureRate trip) {
    return new ShareOfCalls(trip.share(), Optional.empty(), CallWindow.of(trip.share().window()));
  }

  static ShareOfCalls slow(SlowCalls trip) {
    return new ShareOfCalls(
        trip.share(), Optional.of(trip.slowerThan()), CallWindow.of(trip.share().window()));
  }

  @Override
  public @Nullable String add(boolean failed, long tookNanos, long nowNanos) {
    boolean bad = slowerThan.isPresent() ? slow(tookNanos) : failed;
    long counts = window.add(bad, nowNanos);
    return tooMany(CallWindow.calls(counts), CallWindow.bad(counts)) ? text(counts) : null;
  }

  private boolean tooMany(int calls, int bad) {
    return calls >= share.atLeast() && bad * WHOLE >= (long) calls * share.basisPoints();
  }

  @Override
  public boolean slow(long tookNanos) {
    return tookNanos > slowNanos;
  }

  @Override
  public TripCount with(Trip next) {
    TripCount anew = TripCount.of(next);
    return anew instanceof ShareOfCalls other && countsAs(other)
        ? new ShareOfCalls(other.share, slowerThan, window)
        : anew;
  }

  private boolean countsAs(ShareOfCalls other) {
    return slowerThan.equals(other.slowerThan) && share.window().equals(other.share.window());
  }

  @Override
  public void clear() {
    window.clear();
  }

  @Override
  public String describe(long nowNanos) {
    return text(window.counts(nowNanos));
  }

  /** {@code 12 of 20 calls failed (60 %) in 10 s}. */
  private String text(long counts) {
    int calls = CallWindow.calls(counts);
    int bad = CallWindow.bad(counts);
    String how = slowerThan.map(limit -> "took over " + TripCount.text(limit)).orElse("failed");
    String when =
        switch (share.window()) {
          case LastRequests _ -> "";
          case LastTime last -> " in " + TripCount.text(last.duration());
        };
    return "%d of %d calls %s (%d %%)%s"
        .formatted(bad, calls, how, calls == 0 ? 0 : 100L * bad / calls, when);
  }
}
