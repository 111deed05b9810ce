package dev.weir.sidecar.config;

/** The ways a trace is carried: {@code traceparent}, {@code b3}, {@code X-Trace-ID}. */
public enum TraceFormat {
  W3C,
  B3,
  X_TRACE_ID
}
