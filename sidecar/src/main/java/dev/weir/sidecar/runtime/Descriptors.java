package dev.weir.sidecar.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many files and sockets this process may have open. */
public final class Descriptors {
  /** The least that systems give. */
  private static final int UNKNOWN = 1024;

  private static final String LINE = "Max open files";

  private Descriptors() {}

  /** The soft limit, which the JVM has raised as far as it may; 1024 where it cannot be read. */
  public static int limit() {
    return read(Path.of("/proc/self/limits"));
  }

  static int read(Path limits) {
    try {
      for (String line : Files.readAllLines(limits)) {
        if (line.startsWith(LINE)) {
          String soft = line.substring(LINE.length()).strip().split("\\s+")[0];
          return soft.equals("unlimited")
              ? Integer.MAX_VALUE
              : (int) Math.min(Integer.MAX_VALUE, Long.parseLong(soft));
        }
      }
    } catch (IOException | NumberFormatException e) {
      return UNKNOWN; // not Linux; it only bounds what is kept for later
    }
    return UNKNOWN;
  }
}
