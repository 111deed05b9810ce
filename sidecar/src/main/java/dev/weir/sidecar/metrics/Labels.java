package dev.weir.sidecar.metrics;

/** The labels of a sample; an empty value is as good as none, and left out. */
final class Labels {
  private final StringBuilder text = new StringBuilder();

  Labels with(String name, String value) {
    if (!value.isEmpty()) {
      text.append(text.isEmpty() ? "" : ",")
          .append(name)
          .append("=\"")
          .append(escaped(value))
          .append('"');
    }
    return this;
  }

  static String escaped(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  @Override
  public String toString() {
    return text.toString();
  }
}
