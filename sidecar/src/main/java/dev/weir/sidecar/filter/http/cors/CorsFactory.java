package dev.weir.sidecar.filter.http.cors;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import org.jspecify.annotations.Nullable;

/** Makes CORS filters, of streams whose route has a policy. */
public final class CorsFactory implements HttpFilterFactory {
  private final CorsStats stats;

  public CorsFactory(CorsStats stats) {
    this.stats = stats;
  }

  @Override
  public @Nullable HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    return routeConfig instanceof CorsPolicy policy ? new CorsFilter(context, policy, stats) : null;
  }

  @Override
  public Object compileRoute(FilterConfig config) {
    stats.open();
    return new CorsPolicy(
        ((CorsConfig) config)
            .policy()
            .orElseThrow(() -> new IllegalArgumentException("is no policy of a route")));
  }

  @Override
  public void close() {
    stats.close();
  }
}
