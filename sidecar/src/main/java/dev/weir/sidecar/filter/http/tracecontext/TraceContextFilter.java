package dev.weir.sidecar.filter.http.tracecontext;

import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.Verdict;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.trace.TraceStart;

/** Takes over or begins the trace of a request; see {@link TraceStart}. */
final class TraceContextFilter implements HttpFilter {
  private final FilterContext context;
  private final TraceStart start;

  TraceContextFilter(FilterContext context, TraceStart start) {
    this.context = context;
    this.start = start;
  }

  @Override
  public Verdict requestHeaders(Headers headers, boolean endStream) {
    start.begin(headers, context.info(), context.loop().random());
    return Verdict.CONTINUE;
  }
}
