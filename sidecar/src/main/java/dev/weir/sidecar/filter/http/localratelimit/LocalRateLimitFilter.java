package dev.weir.sidecar.filter.http.localratelimit;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.PolicyDecision.Outcome;
import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.stats.StatSlab;

/**
 * Refuses what its bucket has no token for.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_filters/local_rate_limit_filter
 */
final class LocalRateLimitFilter implements HttpFilter {
  private final FilterContext context;
  private final Limiter limiter;
  private final LimiterStats stats;

  LocalRateLimitFilter(FilterContext context, Limiter limiter, LimiterStats stats) {
    this.context = context;
    this.limiter = limiter;
    this.stats = stats;
  }

  @Override
  public Verdict requestHeaders(Headers headers, boolean endStream) {
    StatSlab slab = stats.slab(context.loop().index());
    slab.inc(stats.enabled);
    long now = context.loop().nanoTime();
    if (limiter.admits(now)) {
      slab.inc(stats.ok);
      decided(Outcome.ADMITTED);
      return Verdict.CONTINUE;
    }
    slab.inc(stats.limited);
    if (!limiter.enforces(context)) {
      decided(Outcome.WOULD_REFUSE);
      return Verdict.CONTINUE;
    }
    slab.inc(stats.enforced);
    decided(Outcome.REFUSED);
    Headers extra = limiter.responseHeaders(context);
    extra.add(HeaderName.X_ENVOY_RATELIMITED, "true");
    Cause cause = new Cause("rate-limited", "", "", limiter.retryAfterMillis(now));
    return new Verdict.LocalReply(
        limiter.status(),
        "local_rate_limited",
        "local_rate_limited",
        ResponseFlag.RATE_LIMITED,
        cause,
        extra);
  }

  private void decided(Outcome outcome) {
    context.info().decided("local rate limit", "", "", outcome, -1, -1, "");
  }
}
