package dev.weir.sidecar.member;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoorsTest {
  @TempDir Path temporary;

  @Test
  void doorWhosePathIsTooLongIsSaidWithItsPathAndWhatToDo() throws IOException {
    Path folder = Files.createDirectories(temporary.resolve("a".repeat(60) + "/" + "b".repeat(60)));
    Path door = folder.resolve("admin");
    String said =
        String.valueOf(
            assertThrows(IOException.class, () -> Doors.open(door, SocketChannel::open))
                .getMessage());
    assertTrue(said.startsWith(door + " cannot be a socket: its path has "), said);
    assertTrue(said.contains("106 at most; set XDG_RUNTIME_DIR to a folder"), said);
    assertFalse(Files.exists(door));
  }
}
