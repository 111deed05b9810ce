package dev.weir.sidecar.filter.http.localratelimit;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import org.jspecify.annotations.Nullable;

/** Makes local rate limit filters; a route's own configuration has a bucket of its own. */
public final class LocalRateLimitFactory implements HttpFilterFactory {
  private final Limiter limiter;
  private final LimiterStats stats;

  public LocalRateLimitFactory(LocalRateLimitConfig config, LimiterStats stats) {
    this.stats = stats;
    this.limiter = new Limiter(config);
  }

  @Override
  public @Nullable HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    Limiter effective = routeConfig instanceof Limiter own ? own : limiter;
    return effective.concerns(context) ? new LocalRateLimitFilter(context, effective, stats) : null;
  }

  @Override
  public Object compileRoute(FilterConfig config) {
    return new Limiter((LocalRateLimitConfig) config);
  }

  @Override
  public void close() {
    stats.close();
  }
}
