package dev.weir.demo;

import java.io.PrintStream;
import java.util.Locale;

/**
 * Tells the story in plain lines. On a terminal the last one is the shop's pulse: it is drawn over
 * again, and is gone before the next line of the story. Any thread.
 */
final class Teller {
  /**
   * What the lines go to.
   *
   * @param colours whether it shows them
   * @param width of a terminal whose last line may be drawn over; 0: it is none
   */
  record Screen(boolean colours, int width) {}

  private static final String CLEAR_LINE = "\r\033[K";

  private final PrintStream out;
  private final Screen screen;
  private final long start = System.nanoTime();
  private int scenes;
  private boolean pulsing;

  Teller(PrintStream out, Screen screen) {
    this.out = out;
    this.screen = screen;
  }

  synchronized void scene(String title) {
    scenes++;
    print("", "");
    print("1", scenes + ". " + title);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a library for this line
  synchronized void say(String format, Object... values) {
    print("", "   " + String.format(Locale.ROOT, format, values));
  }

  synchronized void held(boolean held) {
    String time = String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - start) / 1e9);
    print(held ? "32" : "31;1", held ? "   held (" + time + ")" : "   DID NOT HOLD (" + time + ")");
  }

  /** Draws the last line anew; not where it cannot be drawn over. */
  synchronized void pulse(String line) {
    if (screen.width() > 0) {
      String text = "   " + line;
      String shown = text.substring(0, Math.min(text.length(), screen.width() - 1));
      out.print(CLEAR_LINE + styled("2", shown));
      out.flush();
      pulsing = true;
    }
  }

  /** Nothing is left of the pulse. */
  synchronized void still() {
    if (pulsing) {
      out.print(CLEAR_LINE);
      out.flush();
      pulsing = false;
    }
  }

  private void print(String style, String line) {
    still();
    out.println(styled(style, line));
    out.flush();
  }

  private String styled(String style, String text) {
    return screen.colours() && !style.isEmpty() ? "\033[" + style + "m" + text + "\033[0m" : text;
  }
}
