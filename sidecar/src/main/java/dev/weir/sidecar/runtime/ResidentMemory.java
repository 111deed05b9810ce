package dev.weir.sidecar.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory of the machine the process has, as the system says. */
public final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final long BYTES_PER_KIB = 1024;

  private ResidentMemory() {}

  /** 0 where the system does not say. Reads a file: any thread but a loop. */
  public static long bytes() {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(RESIDENT))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * BYTES_PER_KIB)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0; // no such file: not Linux
    }
  }
}
