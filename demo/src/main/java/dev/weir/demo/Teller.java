package dev.weir.demo;

import java.io.PrintStream;
import java.util.Locale;

/** Tells the story, with colours for a terminal and in plain lines else. Main thread. */
final class Teller {
  private final PrintStream out;
  private final boolean colours;
  private final long start = System.nanoTime();
  private int scenes;

  Teller(PrintStream out, boolean colours) {
    this.out = out;
    this.colours = colours;
  }

  void scene(String title) {
    scenes++;
    out.println();
    print("1", scenes + ". " + title);
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation would be a library for this line
  void say(String format, Object... values) {
    print("", "   " + String.format(Locale.ROOT, format, values));
  }

  void held(boolean held) {
    String time = String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - start) / 1e9);
    print(held ? "32" : "31;1", held ? "   held (" + time + ")" : "   DID NOT HOLD (" + time + ")");
  }

  private void print(String style, String line) {
    out.println(colours && !style.isEmpty() ? "\033[" + style + "m" + line + "\033[0m" : line);
    out.flush();
  }
}
