package dev.weir.control.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The browser of who sits here, if anybody does. */
final class Browser {
  private Browser() {}

  /**
   * Opens an address.
   *
   * @param url is asked for if there is a browser to be opened
   */
  static void open(Supplier<String> url, PrintStream err) {
    Optional<String> opener = opener();
    if (opener.isEmpty()) {
      return;
    }
    try {
      new ProcessBuilder(List.of(opener.get(), url.get()))
          .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      err.println("weir ui: no browser can be opened: " + e.getMessage());
    }
  }

  private static Optional<String> opener() {
    if (System.getProperty("os.name", "").startsWith("Mac")) {
      return Optional.of("open");
    }
    boolean display = System.getenv("DISPLAY") != null || System.getenv("WAYLAND_DISPLAY") != null;
    return display ? Optional.of("xdg-open") : Optional.empty();
  }
}
