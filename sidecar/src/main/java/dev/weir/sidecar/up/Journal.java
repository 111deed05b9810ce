package dev.weir.sidecar.up;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * What the instances say, in the order in which it came: a line each with time and name, in a file
 * of bounded size, with the one before it, and on the screen. Any thread.
 */
final class Journal implements AutoCloseable {
  static final String FILE = "log";
  static final String BEFORE = "log.1";
  private static final long LARGEST = 16 << 20;

  private final Path folder;
  private Optional<Screen> screen;
  private OutputStream file;
  private long length;

  private Journal(Path folder, Optional<Screen> screen, OutputStream file) {
    this.folder = folder;
    this.screen = screen;
    this.file = file;
  }

  /**
   * @param screen where lines are shown too
   */
  static Journal create(Path folder, Optional<Screen> screen) throws IOException {
    return new Journal(folder, screen, opened(folder));
  }

  private static OutputStream opened(Path folder) throws IOException {
    return new BufferedOutputStream(
        Files.newOutputStream(
            folder.resolve(FILE),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE));
  }

  /** One line. */
  synchronized void write(String name, String line) {
    screen.ifPresent(shown -> shown.line(name, line));
    byte[] bytes =
        (System.currentTimeMillis() + " " + name + "\t" + line + "\n")
            .getBytes(StandardCharsets.UTF_8);
    try {
      file.write(bytes);
      file.flush();
      length += bytes.length;
      if (length > LARGEST) {
        file.close();
        Files.move(
            folder.resolve(FILE), folder.resolve(BEFORE), StandardCopyOption.REPLACE_EXISTING);
        file = opened(folder);
        length = 0;
      }
    } catch (IOException e) {
      screen.ifPresent(shown -> shown.line("weir", "the log cannot be written: " + e));
    }
  }

  /** Nothing is shown any more. */
  synchronized void silence() {
    screen = Optional.empty();
  }

  @Override
  public synchronized void close() throws IOException {
    file.close();
  }

  /** Lines as people see them. */
  static final class Screen {
    private static final int[] COLOURS = {36, 33, 32, 35, 34, 96, 93, 92, 95, 94};

    private final PrintStream out;
    private final boolean colours;
    private int width;

    /**
     * @param width of the longest name, as far as it is known
     */
    Screen(PrintStream out, boolean colours, int width) {
      this.out = out;
      this.colours = colours;
      this.width = width;
    }

    synchronized void line(String name, String line) {
      width = Math.max(width, name.length());
      String label = name + " ".repeat(width - name.length()) + " | ";
      String shown =
          colours
              ? "\u001b["
                  + COLOURS[Math.floorMod(name.hashCode(), COLOURS.length)]
                  + "m"
                  + label
                  + "\u001b[0m"
                  + line
              : label + line;
      out.println(shown);
    }
  }
}
