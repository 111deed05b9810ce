package dev.weir.sidecar.log;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a message is of: Envoy's loggers where it has one for it. */
public enum Component {
  /** Logs of requests and connections, and who takes them. */
  ACCESS_LOG,

  /** What is streamed, read or refused: xDS, the last good configuration. */
  CONFIG,

  /** What is accepted, closed, or cannot be. */
  CONN_HANDLER,

  DNS,

  /** What leaves the network of a member of {@code weir run}. */
  EGRESS,

  /** Requests that are over. */
  HTTP,

  /** The workload's certificate. */
  IDENTITY,

  JWT,

  /** Start and end, what is late, and our own mistakes. */
  MAIN,

  /** What others in this process say: libraries, the JVM. */
  MISC,

  /** Keys and certificates in files. */
  SECRET,

  /** Summaries of traffic. */
  STATS,

  /** Spans. */
  TRACING;

  private final String text = name().toLowerCase(Locale.ROOT);

  /**
   * @param text {@code xds} is one more name of {@link #CONFIG}
   * @throws IllegalArgumentException if there is no such component
   */
  static Component parse(String text) {
    if (text.equals("xds")) {
      return CONFIG;
    }
    for (Component component : values()) {
      if (component.text.equals(text)) {
        return component;
      }
    }
    throw new IllegalArgumentException(
        "\""
            + text
            + "\" is no component; these are: "
            + Arrays.stream(values()).map(Component::toString).collect(Collectors.joining(", ")));
  }

  @Override
  public String toString() {
    return text;
  }
}
