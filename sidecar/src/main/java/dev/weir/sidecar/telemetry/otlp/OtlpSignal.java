package dev.weir.sidecar.telemetry.otlp;

/** What is sent. */
public enum OtlpSignal {
  LOGS("logs", "records", "logs.v1.LogsService"),
  METRICS("metrics", "points", "metrics.v1.MetricsService"),
  TRACES("traces", "spans", "trace.v1.TraceService");

  /** In words. */
  final String text;

  /** What there are several of, in words. */
  final String many;

  /** Of the gRPC service's method. */
  final String path;

  OtlpSignal(String text, String many, String service) {
    this.text = text;
    this.many = many;
    this.path = "/opentelemetry.proto.collector." + service + "/Export";
  }
}
