package dev.weir.sidecar.log;

import java.util.Locale;

/** How much a message matters, in Envoy's words. */
public enum Level {
  TRACE,
  DEBUG,
  INFO,
  WARNING,
  ERROR,
  CRITICAL,

  /** Of no message; of a component that is to say nothing. */
  OFF;

  private final String text = name().toLowerCase(Locale.ROOT);

  /**
   * @throws IllegalArgumentException if there is no such level
   */
  public static Level parse(String text) {
    for (Level level : values()) {
      if (level.text.equals(text) || level == WARNING && text.equals("warn")) {
        return level;
      }
    }
    throw new IllegalArgumentException(
        "\""
            + text
            + "\" is no level; these are: trace, debug, info, warning, error, critical, off");
  }

  @Override
  public String toString() {
    return text;
  }
}
