package dev.weir.sidecar.filter.http.ratelimit;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes rate limit filters; limits come with the routes. */
public final class RateLimitFactory implements HttpFilterFactory {
  private final LimitStore store;
  private final List<LiveLimit> limits;

  public RateLimitFactory(RateLimitConfig config, LimitStore store) {
    this.store = store;
    this.limits = store.take(config);
  }

  @Override
  public @Nullable HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    List<LiveLimit> effective = routeConfig instanceof RouteLimits own ? own.limits() : limits;
    return effective.isEmpty() ? null : new RateLimitFilter(context, effective);
  }

  @Override
  public Object compileRoute(FilterConfig config) {
    return new RouteLimits(store.take((RateLimitConfig) config));
  }

  @Override
  public void release(Object routeConfig) {
    store.release(((RouteLimits) routeConfig).limits());
  }

  @Override
  public void close() {
    store.release(limits);
  }

  private record RouteLimits(List<LiveLimit> limits) {}
}
