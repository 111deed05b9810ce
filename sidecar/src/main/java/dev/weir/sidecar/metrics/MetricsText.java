package dev.weir.sidecar.metrics;

import dev.weir.sidecar.telemetry.edge.Exemplar;
import java.math.BigDecimal;

/**
 * Writes metrics, a family after the other, in one of Prometheus's texts. Names and labels are as
 * they are to be; a family is written once.
 */
final class MetricsText {
  enum Type {
    COUNTER("counter"),
    GAUGE("gauge"),
    HISTOGRAM("histogram");

    private final String word;

    Type(String word) {
      this.word = word;
    }
  }

  private static final String TOTAL = "_total";
  private static final double NANO = 1e-9;

  private final MetricsFormat format;
  private final StringBuilder out = new StringBuilder();

  MetricsText(MetricsFormat format) {
    this.format = format;
  }

  boolean exemplars() {
    return format == MetricsFormat.OPENMETRICS;
  }

  /**
   * Begins a family.
   *
   * @param help a sentence; empty for none
   */
  void family(String name, Type type, String help) {
    String family = name;
    String word = type.word;
    if (format == MetricsFormat.OPENMETRICS && type == Type.COUNTER) {
      if (name.endsWith(TOTAL)) {
        family = name.substring(0, name.length() - TOTAL.length());
      } else {
        word = "unknown"; // Envoy's names are not all as OpenMetrics has a counter's
      }
    }
    if (!help.isEmpty()) {
      out.append("# HELP ").append(family).append(' ').append(help).append('\n');
    }
    out.append("# TYPE ").append(family).append(' ').append(word).append('\n');
  }

  /**
   * @param labels as {@link Labels} writes them; empty for none
   */
  void sample(String name, String labels, long value) {
    name(name, labels).append(value).append('\n');
  }

  void sample(String name, String labels, double value) {
    name(name, labels).append(value).append('\n');
  }

  /** One that may have an exemplar behind it. */
  void bucket(String name, String labels, String bound, long value, Exemplar... exemplar) {
    String comma = labels.isEmpty() ? "" : labels + ",";
    name(name + "_bucket", comma + "le=\"" + bound + "\"").append(value);
    if (exemplar.length > 0) {
      out.append(" # {trace_id=\"")
          .append(Labels.escaped(exemplar[0].traceId()))
          .append("\"} ")
          .append(exemplar[0].nanos() * NANO)
          .append(' ')
          .append(BigDecimal.valueOf(exemplar[0].atMillis(), 3).toPlainString());
    }
    out.append('\n');
  }

  private StringBuilder name(String name, String labels) {
    out.append(name);
    if (!labels.isEmpty()) {
      out.append('{').append(labels).append('}');
    }
    return out.append(' ');
  }

  /** A bucket's upper bound, as the format has it. */
  String bound(double value) {
    boolean whole = value == Math.rint(value);
    return format == MetricsFormat.TEXT && whole
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  /** What another has written in the same format. */
  void append(String text) {
    out.append(text);
  }

  /** All of it; nothing comes after. */
  String end() {
    if (format == MetricsFormat.OPENMETRICS) {
      out.append("# EOF\n");
    }
    return out.toString();
  }
}
