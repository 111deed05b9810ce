package dev.weir.sidecar.filter.http.ratelimit;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.filter.rate.TokenBucket;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.PolicyDecision.Outcome;
import dev.weir.sidecar.http.ResponseFlag;
import java.util.List;

/**
 * Admits a request that every matching limit admits; one that is refused costs no token anywhere.
 */
final class RateLimitFilter implements HttpFilter {
  private final FilterContext context;
  private final List<LiveLimit> limits;

  RateLimitFilter(FilterContext context, List<LiveLimit> limits) {
    this.context = context;
    this.limits = limits;
  }

  @Override
  public Verdict requestHeaders(Headers headers, boolean endStream) {
    long now = context.loop().nanoTime();
    int loop = context.loop().index();
    TokenBucket[] taken = new TokenBucket[limits.size()];
    for (int i = 0; i < limits.size(); i++) {
      LiveLimit limit = limits.get(i);
      if (!limit.matches(headers)) {
        continue;
      }
      TokenBucket bucket = limit.bucketOf(context, headers, now);
      if (bucket.tryTake(now)) {
        taken[i] = bucket;
        decided(limit, bucket, Outcome.ADMITTED, now);
        continue;
      }
      limit.stats().limited(loop, limit.config().shadow());
      Cause cause = cause(limit, bucket, now);
      if (limit.config().shadow()) {
        context.info().wouldRefuse(cause);
        decided(limit, bucket, Outcome.WOULD_REFUSE, now);
        continue;
      }
      for (int before = 0; before < i; before++) {
        if (taken[before] != null) {
          taken[before].putBack();
        }
      }
      decided(limit, bucket, Outcome.REFUSED, now);
      return refuse(cause);
    }
    for (int i = 0; i < taken.length; i++) {
      if (taken[i] != null) {
        limits.get(i).stats().ok(loop);
      }
    }
    return Verdict.CONTINUE;
  }

  private void decided(LiveLimit limit, TokenBucket bucket, Outcome outcome, long now) {
    context
        .info()
        .decided(
            "rate limit",
            limit.config().policy(),
            limit.config().name(),
            outcome,
            bucket.tokens(now),
            bucket.burst(),
            "tokens left");
  }

  private static Cause cause(LiveLimit limit, TokenBucket bucket, long now) {
    long retryAfterMillis = Math.max(1, (bucket.nanosUntilToken(now) + 999_999) / 1_000_000);
    return new Cause(
        "rate-limited", limit.config().policy(), limit.config().name(), retryAfterMillis);
  }

  private static Verdict refuse(Cause cause) {
    Headers extra = Headers.empty();
    extra.add(HeaderName.X_ENVOY_RATELIMITED, "true");
    return new Verdict.LocalReply(
        429, "rate limited", "weir_rate_limited", ResponseFlag.RATE_LIMITED, cause, extra);
  }
}
