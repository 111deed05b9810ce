package dev.weir.sidecar.trace;

import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.http.StreamSpan;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Names a span of ours where a head names the span that caused the request. */
public final class TraceHeaders {
  private TraceHeaders() {}

  /**
   * Changes the fields that tell of the span's trace, in whichever format they are; adds none.
   *
   * @param spanId what caused the request that has this head
   * @param parentId its parent; null for none
   */
  public static void name(
      Headers headers, StreamSpan span, String spanId, @Nullable String parentId) {
    if (headers.has(HeaderName.TRACEPARENT)) {
      headers.set(
          HeaderName.TRACEPARENT,
          TraceContext.traceparent(span.traceId(), spanId, true, span.random()));
    }
    String single = headers.value(HeaderName.B3);
    if (single != null) {
      TraceContext told = TraceContext.parseB3(single);
      if (told != null && told.traceId().equals(span.traceId())) {
        headers.set(HeaderName.B3, b3(single, spanId, parentId));
      }
      return;
    }
    String traceId = headers.value(HeaderName.X_B3_TRACE_ID);
    if (traceId != null && span.traceId().endsWith(traceId)) {
      headers.set(HeaderName.X_B3_SPAN_ID, spanId);
      headers.remove(HeaderName.X_B3_PARENT_SPAN_ID);
      if (parentId != null) {
        headers.add(HeaderName.X_B3_PARENT_SPAN_ID, parentId);
      }
      if (!headers.has(HeaderName.X_B3_FLAGS)) { // debug, which implies it
        headers.set(HeaderName.X_B3_SAMPLED, "1");
      }
    }
  }

  /** Of a trace and a span of it. */
  public record Ids(String traceId, String spanId) {}

  /** What {@code headers} name; null: nothing. */
  public static @Nullable Ids ids(Headers headers) {
    String parent = headers.value(HeaderName.TRACEPARENT);
    TraceContext told = parent == null ? null : TraceContext.parseTraceparent(parent);
    return told == null ? null : new Ids(told.traceId(), told.spanId());
  }

  /** Of a stream's own span or, where others tell of it, of what its head names. */
  public static @Nullable Ids ids(StreamInfo info) {
    StreamSpan span = info.span;
    if (span != null) {
      return new Ids(span.traceId(), span.spanId());
    }
    Headers request = info.request;
    return request == null ? null : ids(request);
  }

  /** Begins a trace that nobody is to tell of. */
  public static void unsampled(Headers headers, SplittableRandom random) {
    headers.set(HeaderName.TRACEPARENT, TraceContext.begin(null, random, false).traceparent(false));
  }

  /** As {@code single} says it: its trace id may be a short one, its state that of debugging. */
  private static String b3(String single, String spanId, @Nullable String parentId) {
    String[] parts = single.split("-", -1);
    String state = parts.length > 2 && parts[2].equals("d") ? "d" : "1";
    return parts[0] + "-" + spanId + "-" + state + (parentId == null ? "" : "-" + parentId);
  }
}
