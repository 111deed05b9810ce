package dev.weir.sidecar.filter.http.rbac;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import org.jspecify.annotations.Nullable;

/** Makes filters of streams whose route, or the filter itself, has rules. */
public final class RbacFactory implements HttpFilterFactory {
  private final RbacRules rules;
  private final RbacStats stats;

  public RbacFactory(RbacConfig config, RbacStats stats) {
    this.rules = RbacRules.of(config);
    this.stats = stats;
    if (!rules.askNothing()) {
      stats.open();
    }
  }

  @Override
  public @Nullable HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    RbacRules own = routeConfig instanceof RbacRules ofRoute ? ofRoute : rules;
    return own.askNothing() ? null : new RbacFilter(context, own, stats);
  }

  @Override
  public Object compileRoute(FilterConfig config) {
    stats.open();
    return RbacRules.of((RbacConfig) config);
  }

  @Override
  public void close() {
    stats.close();
  }
}
