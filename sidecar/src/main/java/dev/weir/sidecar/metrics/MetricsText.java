package dev.weir.sidecar.metrics;

import dev.weir.sidecar.telemetry.edge.Exemplar;
import java.math.BigDecimal;
import java.util.Locale;

/** One of Prometheus's texts. */
final class MetricsText implements MetricsWriter {
  private static final String TOTAL = "_total";
  private static final double NANO = 1e-9;

  private final boolean open;
  private final StringBuilder out = new StringBuilder();
  private String family = "";

  /**
   * @param open as OpenMetrics has it
   */
  MetricsText(boolean open) {
    this.open = open;
  }

  @Override
  public boolean exemplars() {
    return open;
  }

  @Override
  public void family(String name, Type type, String help) {
    family = name;
    String shown = name;
    String word = type.name().toLowerCase(Locale.ROOT);
    if (open && type == Type.COUNTER) {
      if (name.endsWith(TOTAL)) {
        shown = name.substring(0, name.length() - TOTAL.length());
      } else {
        word = "unknown"; // Envoy's names are not all as OpenMetrics has a counter's
      }
    }
    if (!help.isEmpty()) {
      out.append("# HELP ").append(shown).append(' ').append(help).append('\n');
    }
    out.append("# TYPE ").append(shown).append(' ').append(word).append('\n');
  }

  @Override
  public void sample(Labels labels, long value) {
    name(family, labels.text()).append(value).append('\n');
  }

  @Override
  public void sample(Labels labels, double value) {
    name(family, labels.text()).append(value).append('\n');
  }

  @Override
  public void histogram(Labels labels, Histogram histogram) {
    String comma = labels.text().isEmpty() ? "" : labels.text() + ",";
    for (Bucket bucket : histogram.buckets()) {
      name(family + "_bucket", comma + "le=\"" + bound(bucket.bound()) + "\"")
          .append(bucket.cumulative());
      if (open) {
        bucket.exemplar().ifPresent(this::append);
      }
      out.append('\n');
    }
    name(family + "_sum", labels.text()).append(histogram.sum()).append('\n');
    name(family + "_count", labels.text()).append(histogram.count()).append('\n');
  }

  private void append(Exemplar exemplar) {
    out.append(" # {trace_id=\"")
        .append(Labels.escaped(exemplar.traceId()))
        .append("\"} ")
        .append(exemplar.nanos() * NANO)
        .append(' ')
        .append(BigDecimal.valueOf(exemplar.atMillis(), 3).toPlainString());
  }

  private StringBuilder name(String name, String labels) {
    out.append(name);
    if (!labels.isEmpty()) {
      out.append('{').append(labels).append('}');
    }
    return out.append(' ');
  }

  /** A bucket's upper bound, as the format has it. */
  private String bound(double value) {
    if (Double.isInfinite(value)) {
      return "+Inf";
    }
    boolean whole = value == Math.rint(value);
    return !open && whole ? Long.toString((long) value) : Double.toString(value);
  }

  /** What another has written in the same format. */
  void append(String text) {
    out.append(text);
  }

  /** All of it; nothing comes after. */
  String end() {
    if (open) {
      out.append("# EOF\n");
    }
    return out.toString();
  }
}
