package dev.weir.sidecar.trace;

import dev.weir.sidecar.config.TraceFormat;
import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.http.StreamSpan;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Takes over the trace a request came with, W3C before B3 before X-Trace-ID, or begins one, and
 * passes it on. What came well-formed is passed on as it came, but for the span that it names:
 * where one of ours is told of, what goes on names ours, else the caller's stays the parent. A
 * malformed traceparent is dropped with its tracestate, and the next format is looked at; a
 * malformed tracestate is dropped alone.
 */
public final class TraceStart {
  private static final int MILLION = 1_000_000;

  private final Set<TraceFormat> propagate;
  private final int samplePerMillion;

  /**
   * @param propagate what is written where it did not come
   * @param samplePerMillion share of the traces begun here that are sampled, 0 to 1,000,000
   */
  public TraceStart(Set<TraceFormat> propagate, int samplePerMillion) {
    this.propagate = Set.copyOf(propagate);
    this.samplePerMillion = samplePerMillion;
  }

  /**
   * @param info told of the trace
   * @param random of the stream's loop
   */
  public void begin(Headers headers, StreamInfo info, SplittableRandom random) {
    TraceContext w3c = w3c(headers);
    TraceContext b3 = w3c == null ? b3(headers) : null;
    String xTraceId = headers.value(HeaderName.X_TRACE_ID);
    TraceContext taken = w3c != null ? w3c : b3;
    TraceContext trace =
        taken != null
            ? taken
            : TraceContext.begin(
                xTraceId == null ? null : TraceContext.idOfXTraceId(xTraceId),
                random,
                deniedByB3(headers) ? false : null);
    Boolean decided = trace.sampled();
    boolean sampled = decided != null ? decided : random.nextInt(MILLION) < samplePerMillion;
    info.sampled = sampled;
    // An X-Trace-ID that means no W3C id is what the app's own logs are searched by.
    info.traceId =
        taken == null && xTraceId != null && TraceContext.idOfXTraceId(xTraceId) == null
            ? xTraceId
            : trace.traceId();
    passOn(headers, trace, sampled, w3c != null, b3 != null, xTraceId != null);
    Tracing tracing = info.tracing;
    if (sampled && tracing != null) {
      String state = headers.value("tracestate");
      StreamSpan span =
          new StreamSpan(
              trace.traceId(),
              SpanIds.span(random),
              taken == null ? null : taken.spanId(),
              trace.random(),
              state == null ? "" : state,
              tracing.upstreamSpans());
      info.span = span;
      TraceHeaders.name(headers, span, span.spanId(), span.parentId());
    }
  }

  private void passOn(
      Headers headers,
      TraceContext trace,
      boolean sampled,
      boolean hasW3c,
      boolean hasB3,
      boolean hasXTraceId) {
    if (!hasW3c && propagate.contains(TraceFormat.W3C)) {
      headers.set(HeaderName.TRACEPARENT, trace.traceparent(sampled));
    }
    if (!hasB3 && propagate.contains(TraceFormat.B3)) {
      headers.remove(HeaderName.X_B3_TRACE_ID);
      headers.remove(HeaderName.X_B3_SPAN_ID);
      headers.remove(HeaderName.X_B3_PARENT_SPAN_ID);
      headers.remove(HeaderName.X_B3_SAMPLED);
      headers.remove(HeaderName.X_B3_FLAGS);
      headers.set(HeaderName.B3, trace.traceId() + "-" + trace.spanId() + (sampled ? "-1" : "-0"));
    }
    if (!hasXTraceId && propagate.contains(TraceFormat.X_TRACE_ID)) {
      headers.add(HeaderName.X_TRACE_ID, trace.traceId());
    }
  }

  private static @Nullable TraceContext w3c(Headers headers) {
    int field = headers.find(HeaderName.TRACEPARENT);
    if (field < 0) {
      headers.remove(HeaderName.TRACESTATE);
      return null;
    }
    boolean once = headers.next(HeaderName.TRACEPARENT, field) < 0;
    TraceContext trace = once ? TraceContext.parseTraceparent(headers.value(field)) : null;
    if (trace == null) {
      headers.remove(HeaderName.TRACEPARENT);
      headers.remove(HeaderName.TRACESTATE);
    } else {
      TraceState.tidy(headers);
    }
    return trace;
  }

  /** B3 may say no more than that the trace is not wanted. */
  private static boolean deniedByB3(Headers headers) {
    String single = headers.value(HeaderName.B3);
    String sampled = headers.value(HeaderName.X_B3_SAMPLED);
    return "0".equals(single) || single == null && ("0".equals(sampled) || "false".equals(sampled));
  }

  private static @Nullable TraceContext b3(Headers headers) {
    String single = headers.value(HeaderName.B3);
    if (single != null) {
      return TraceContext.parseB3(single);
    }
    String traceId = headers.value(HeaderName.X_B3_TRACE_ID);
    String spanId = headers.value(HeaderName.X_B3_SPAN_ID);
    return traceId == null || spanId == null
        ? null
        : TraceContext.ofB3(
            traceId,
            spanId,
            headers.value(HeaderName.X_B3_SAMPLED),
            headers.value(HeaderName.X_B3_FLAGS));
  }
}
