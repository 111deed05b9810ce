package dev.weir.sidecar.metrics;

import org.jspecify.annotations.Nullable;

/** The texts that Prometheus reads. */
public enum MetricsFormat {
  TEXT("text/plain; version=0.0.4; charset=utf-8"),

  /** https://prometheus.io/docs/specs/om/open_metrics_spec/ */
  OPENMETRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

  private static final String MEDIA_TYPE = "application/openmetrics-text";

  private final String contentType;

  MetricsFormat(String contentType) {
    this.contentType = contentType;
  }

  public String contentType() {
    return contentType;
  }

  /**
   * Of a {@code content-type}, or what an {@code accept} wants: who names OpenMetrics at all, as
   * Prometheus does, prefers it.
   */
  public static MetricsFormat of(@Nullable String mediaTypes) {
    return mediaTypes != null && mediaTypes.contains(MEDIA_TYPE) ? OPENMETRICS : TEXT;
  }
}
