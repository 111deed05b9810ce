package dev.weir.sidecar.filter.http.tracecontext;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.TraceFormat;
import java.util.Set;

/**
 * {@code weir.extensions.filters.http.trace_context.v1alpha1.TraceContext}.
 *
 * @param propagate the formats written to the upstream; all are read, in the order W3C, B3,
 *     X-Trace-ID
 * @param samplePerMillion share of the traces begun here that are sampled, 0 to 1,000,000
 */
public record TraceContextConfig(Set<TraceFormat> propagate, int samplePerMillion)
    implements FilterConfig {
  public TraceContextConfig {
    propagate = Set.copyOf(propagate);
  }
}
