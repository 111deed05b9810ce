package dev.weir.sidecar.metrics;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What Prometheus reads, the poorest first. */
public enum MetricsFormat {
  TEXT("text/plain; version=0.0.4; charset=utf-8"),

  /** https://prometheus.io/docs/specs/om/open_metrics_spec/ */
  OPENMETRICS("application/openmetrics-text; version=1.0.0; charset=utf-8"),

  /** With native histograms. */
  PROTOBUF(
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily;"
          + " encoding=delimited");

  private final String contentType;

  MetricsFormat(String contentType) {
    this.contentType = contentType;
  }

  public String contentType() {
    return contentType;
  }

  /**
   * Of a {@code content-type}, or what an {@code accept} wants most, by RFC 9110 12.5.1: of those
   * that it wants alike the richest, as Prometheus means it. What is no format of ours is passed
   * over; without any it is text.
   */
  public static MetricsFormat of(@Nullable String mediaTypes) {
    MetricsFormat wanted = TEXT;
    double most = 0;
    for (String range : mediaTypes == null ? new String[0] : mediaTypes.split(",", -1)) {
      String[] parts = range.toLowerCase(Locale.ROOT).split(";", -1);
      Optional<MetricsFormat> format = named(parts);
      double weight = weight(parts);
      if (format.isPresent()
          && weight > 0
          && (weight > most || weight == most && format.get().compareTo(wanted) > 0)) {
        wanted = format.get();
        most = weight;
      }
    }
    return wanted;
  }

  private static Optional<MetricsFormat> named(String[] parts) {
    return switch (parts[0].strip()) {
      case "text/plain", "text/*", "*/*" -> Optional.of(TEXT);
      case "application/openmetrics-text" -> Optional.of(OPENMETRICS);
      case "application/vnd.google.protobuf" ->
          parameter(parts, "proto").equals("io.prometheus.client.metricfamily")
                  && parameter(parts, "encoding").equals("delimited")
              ? Optional.of(PROTOBUF)
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  /** 1 where it is not said; 0 for what is no number. */
  private static double weight(String[] parts) {
    String weight = parameter(parts, "q");
    if (weight.isEmpty()) {
      return 1;
    }
    return weight.matches("[01](\\.[0-9]{0,3})?") ? Double.parseDouble(weight) : 0;
  }

  private static String parameter(String[] parts, String name) {
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals > 0 && parts[i].substring(0, equals).strip().equals(name)) {
        return parts[i].substring(equals + 1).strip().replace("\"", "");
      }
    }
    return "";
  }
}
