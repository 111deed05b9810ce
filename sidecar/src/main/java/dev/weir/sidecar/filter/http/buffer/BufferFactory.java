package dev.weir.sidecar.filter.http.buffer;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import org.jspecify.annotations.Nullable;

/** Makes buffer filters; a route's own limit is instead of the filter's. */
public final class BufferFactory implements HttpFilterFactory {
  private final BufferConfig config;

  public BufferFactory(BufferConfig config) {
    this.config = config;
  }

  @Override
  public @Nullable HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    long limit = (routeConfig instanceof BufferConfig own ? own : config).maxRequestBytes();
    return limit == 0 ? null : new BufferFilter(limit);
  }
}
