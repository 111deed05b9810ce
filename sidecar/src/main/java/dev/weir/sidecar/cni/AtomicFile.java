package dev.weir.sidecar.cni;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;

/** Files of the node that others read, and may run, at any moment. */
final class AtomicFile {
  private AtomicFile() {}

  /** For root's eyes. */
  static void write(Path file, String text) throws IOException {
    write(file, text.getBytes(StandardCharsets.UTF_8), "rw-------");
  }

  static void writeProgram(Path file, byte[] bytes) throws IOException {
    write(file, bytes, "rwxr-xr-x");
  }

  /** Nothing, if it is there already. */
  private static void write(Path file, byte[] bytes, String permissions) throws IOException {
    if (Files.isRegularFile(file) && Arrays.equals(Files.readAllBytes(file), bytes)) {
      return;
    }
    Path fresh = file.resolveSibling("." + file.getFileName() + ".new");
    Files.write(fresh, bytes);
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(permissions));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
