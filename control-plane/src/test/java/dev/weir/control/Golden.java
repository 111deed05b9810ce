package dev.weir.control;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that hold what a program printed; {@code -Dgolden.update} writes them anew. */
public final class Golden {
  /** The repository's folder; tests run in the module's. */
  public static final Path REPOSITORY = Path.of("..");

  private Golden() {}

  public static void assertCurrent(Path file, String content) throws IOException {
    if (System.getProperty("golden.update") != null) {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, content);
    }
    assertEquals(
        Files.exists(file) ? Files.readString(file) : "(no such file)",
        content,
        file + " is out of date; run with -Dgolden.update and read the difference");
  }
}
