package dev.weir.sidecar.filter.http.bulkhead;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import org.jspecify.annotations.Nullable;

/** Makes bulkhead filters; bounds come with the routes, or with the filter itself. */
public final class BulkheadFactory implements HttpFilterFactory {
  private final BulkheadStore store;
  private final BulkheadStore.@Nullable OfRoute own;

  public BulkheadFactory(BulkheadConfig config, BulkheadStore store) {
    this.store = store;
    this.own = config.maxRequests() == 0 ? null : store.take(config);
  }

  @Override
  public @Nullable HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    BulkheadStore.OfRoute effective =
        routeConfig instanceof BulkheadStore.OfRoute ofRoute ? ofRoute : own;
    return effective == null || effective.config().maxRequests() == 0
        ? null
        : new BulkheadFilter(context, effective);
  }

  @Override
  public Object compileRoute(FilterConfig config) {
    return store.take((BulkheadConfig) config);
  }

  @Override
  public void release(Object routeConfig) {
    store.release((BulkheadStore.OfRoute) routeConfig);
  }

  @Override
  public void close() {
    if (own != null) {
      store.release(own);
    }
  }
}
