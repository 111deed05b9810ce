package dev.weir.sidecar.filter.http.localratelimit;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.route.HeaderMutation;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code extensions.filters.http.local_ratelimit.v3.LocalRateLimit}.
 *
 * @param bucket absent: every request is admitted
 * @param enabledPerMillion share of requests that are looked at, 0 to 1,000,000
 * @param enforcedPerMillion share of the refused that really are refused, 0 to 1,000,000
 * @param status of a refusal, 429 by default
 */
public record LocalRateLimitConfig(
    String statPrefix,
    Optional<TokenBucket> bucket,
    int enabledPerMillion,
    int enforcedPerMillion,
    int status,
    HeaderMutation responseHeaders)
    implements FilterConfig {
  /**
   * Refilled continuously at {@code tokensPerFill} in {@code fillInterval}, up to {@code
   * maxTokens}.
   */
  public record TokenBucket(long maxTokens, long tokensPerFill, Duration fillInterval) {}
}
