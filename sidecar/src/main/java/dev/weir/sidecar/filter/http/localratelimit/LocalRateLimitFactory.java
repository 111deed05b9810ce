package dev.weir.sidecar.filter.http.localratelimit;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.runtime.Clock;
import org.jspecify.annotations.Nullable;

/** Makes local rate limit filters; a route's own configuration has a bucket of its own. */
public final class LocalRateLimitFactory implements HttpFilterFactory {
  private final Limiter limiter;
  private final LimiterStats stats;
  private final Clock clock;

  /**
   * @param clock of the loops that ask
   */
  public LocalRateLimitFactory(LocalRateLimitConfig config, LimiterStats stats, Clock clock) {
    this.stats = stats;
    this.clock = clock;
    this.limiter = new Limiter(config, clock);
  }

  @Override
  public @Nullable HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    Limiter effective = routeConfig instanceof Limiter own ? own : limiter;
    return effective.concerns(context) ? new LocalRateLimitFilter(context, effective, stats) : null;
  }

  @Override
  public Object compileRoute(FilterConfig config) {
    return new Limiter((LocalRateLimitConfig) config, clock);
  }

  @Override
  public void close() {
    stats.close();
  }
}
