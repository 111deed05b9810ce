package dev.weir.cli.story;

import java.util.Locale;

/** Milliseconds as people read them. */
final class Millis {
  private Millis() {}

  /** {@code 0.32 ms}, {@code 12.5 ms}, {@code 2.04 s}. */
  static String text(double millis) {
    if (millis >= 1000) {
      return String.format(Locale.ROOT, "%.2f s", millis / 1000);
    }
    return String.format(Locale.ROOT, millis < 10 ? "%.2f ms" : "%.1f ms", millis);
  }
}
