package dev.weir.sidecar.filter.http.circuitbreaker;

import dev.weir.sidecar.filter.AttemptEnd;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.UpstreamFilter;
import dev.weir.sidecar.filter.UpstreamHost;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.PolicyDecision.Outcome;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.route.RouteEntry;
import org.jspecify.annotations.Nullable;

/**
 * What one attempt holds of circuit breakers: a permit of the service's or route's, taken before a
 * host is chosen, and one of the host's.
 */
final class CircuitBreakerFilter implements UpstreamFilter {
  private final FilterContext stream;
  private final Breakers breakers;
  private final BreakerStats stats;
  private final @Nullable CircuitBreakerConfig ofRoute;
  private @Nullable CircuitBreaker breaker;
  private @Nullable CircuitBreaker hostBreaker;
  private long permit;
  private long hostPermit;

  CircuitBreakerFilter(
      FilterContext stream,
      Breakers breakers,
      BreakerStats stats,
      @Nullable CircuitBreakerConfig ofRoute) {
    this.stream = stream;
    this.breakers = breakers;
    this.stats = stats;
    this.ofRoute = ofRoute;
  }

  private @Nullable CircuitBreaker beforeHost() {
    RouteEntry route = stream.route();
    return breakers.beforeHost(ofRoute, route == null ? "" : route.fullName());
  }

  @Override
  public Verdict.@Nullable LocalReply admit(long nowNanos) {
    CircuitBreaker asked = beforeHost();
    breaker = asked;
    permit = asked == null ? 0 : asked.acquire(nowNanos);
    return asked == null ? null : decided(asked, permit, nowNanos);
  }

  @Override
  public boolean wouldRefuse(long nowNanos) {
    CircuitBreaker asked = beforeHost();
    return asked != null && !asked.config().shadow() && asked.refuses(nowNanos);
  }

  @Override
  public boolean avoids(UpstreamHost host, long nowNanos) {
    CircuitBreaker asked = breakers.ofHost(host);
    return asked != null && asked.refuses(nowNanos);
  }

  @Override
  public Verdict.@Nullable LocalReply chosen(UpstreamHost host, long nowNanos) {
    CircuitBreaker asked = breakers.ofHost(host);
    hostBreaker = asked;
    hostPermit = asked == null ? 0 : asked.acquire(nowNanos);
    return asked == null ? null : decided(asked, hostPermit, nowNanos);
  }

  private Verdict.@Nullable LocalReply decided(CircuitBreaker by, long permitted, long nowNanos) {
    boolean refused = permitted == CircuitBreaker.REFUSED;
    Outcome outcome =
        refused ? by.config().shadow() ? Outcome.WOULD_REFUSE : Outcome.REFUSED : Outcome.ADMITTED;
    stream
        .info()
        .decided("circuit breaker", by.config().policy(), "", outcome, -1, -1, by.told(nowNanos));
    return refused ? refusal(by, nowNanos) : null;
  }

  /** Null where the policy only watches. */
  private Verdict.@Nullable LocalReply refusal(CircuitBreaker by, long nowNanos) {
    boolean shadow = by.config().shadow();
    stats.refused(stream.loop().index(), shadow);
    long retryAfterMillis = Math.max(1, by.nanosUntilProbe(nowNanos) / 1_000_000);
    Cause cause = new Cause("breaker-open", by.config().policy(), "", retryAfterMillis);
    if (shadow) {
      stream.info().wouldRefuse(cause);
      return null;
    }
    return new Verdict.LocalReply(
        503,
        "circuit breaker open",
        "weir_breaker_open",
        ResponseFlag.UPSTREAM_OVERFLOW,
        cause,
        null);
  }

  @Override
  public void ended(AttemptEnd end) {
    long now = stream.loop().nanoTime();
    tell(breaker, permit, end, now);
    tell(hostBreaker, hostPermit, end, now);
    breaker = null;
    hostBreaker = null;
  }

  private static void tell(
      @Nullable CircuitBreaker asked, long permit, AttemptEnd end, long nowNanos) {
    if (asked == null) {
      return;
    }
    switch (end.result()) {
      case SUCCESS -> asked.success(permit, end.nanos(), nowNanos);
      case FAILURE -> asked.failure(permit, end.nanos(), nowNanos);
      case GIVEN_UP -> asked.givenUp(permit, end.nanos(), nowNanos);
      case NOTHING -> asked.ignored(permit);
    }
  }

  /** Nothing is known of the attempt: its places are free. */
  @Override
  public void destroy() {
    ended(new AttemptEnd(AttemptEnd.Result.NOTHING, 0));
  }
}
