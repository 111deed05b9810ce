package dev.weir.sidecar.filter.http.localratelimit;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.rate.TokenBucket;
import dev.weir.sidecar.format.HeaderMutator;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Clock;
import org.jspecify.annotations.Nullable;

/** One configuration and its bucket. */
final class Limiter {
  private static final int MILLION = 1_000_000;

  private final LocalRateLimitConfig config;
  private final @Nullable TokenBucket bucket;
  private final HeaderMutator responseHeaders;

  Limiter(LocalRateLimitConfig config, Clock clock) {
    this.config = config;
    this.bucket =
        config
            .bucket()
            .map(tokens ->
                new TokenBucket(
                    tokens.tokensPerFill() * 1e9 / tokens.fillInterval().toNanos(),
                    tokens.maxTokens(),
                    clock.nanoTime()))
            .orElse(null);
    this.responseHeaders = new HeaderMutator(config.responseHeaders());
  }

  boolean concerns(FilterContext context) {
    return bucket != null && chance(config.enabledPerMillion(), context);
  }

  boolean enforces(FilterContext context) {
    return chance(config.enforcedPerMillion(), context);
  }

  private static boolean chance(int perMillion, FilterContext context) {
    return perMillion >= MILLION
        || perMillion > 0 && context.loop().random().nextInt(MILLION) < perMillion;
  }

  boolean admits(long nowNanos) {
    return bucket == null || bucket.tryTake(nowNanos);
  }

  long retryAfterMillis(long nowNanos) {
    return bucket == null ? 0 : (bucket.nanosUntilToken(nowNanos) + 999_999) / 1_000_000;
  }

  int status() {
    return config.status();
  }

  Headers responseHeaders(FilterContext context) {
    Headers headers = Headers.empty();
    responseHeaders.apply(headers, context.info());
    return headers;
  }
}
