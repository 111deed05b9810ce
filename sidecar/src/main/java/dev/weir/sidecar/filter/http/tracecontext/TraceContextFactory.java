package dev.weir.sidecar.filter.http.tracecontext;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import org.jspecify.annotations.Nullable;

/** Makes trace context filters. */
public final class TraceContextFactory implements HttpFilterFactory {
  private final TraceContextConfig config;

  public TraceContextFactory(TraceContextConfig config) {
    this.config = config;
  }

  @Override
  public HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    return new TraceContextFilter(
        context, routeConfig instanceof TraceContextConfig own ? own : config);
  }
}
