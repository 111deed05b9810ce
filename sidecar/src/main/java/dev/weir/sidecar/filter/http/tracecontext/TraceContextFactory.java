package dev.weir.sidecar.filter.http.tracecontext;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.trace.TraceStart;
import org.jspecify.annotations.Nullable;

/** Makes trace context filters. */
public final class TraceContextFactory implements HttpFilterFactory {
  private final TraceStart start;

  public TraceContextFactory(TraceContextConfig config) {
    this.start = start(config);
  }

  private static TraceStart start(TraceContextConfig config) {
    return new TraceStart(config.propagate(), config.samplePerMillion());
  }

  @Override
  public Object compileRoute(FilterConfig config) {
    return config instanceof TraceContextConfig own ? start(own) : config;
  }

  @Override
  public HttpFilter create(FilterContext context, @Nullable Object routeConfig) {
    return new TraceContextFilter(context, routeConfig instanceof TraceStart own ? own : start);
  }
}
