package dev.weir.sidecar.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketPathTest {
  @TempDir Path temporary;

  /** In {@code temporary}, of so many bytes. */
  private Path path(int bytes) {
    return temporary.resolve("n".repeat(bytes - (temporary + "/").length()));
  }

  @Test
  void longestIsListenedAt() throws IOException {
    UnixDomainSocketAddress address = SocketPath.address(path(106));
    try (Relay _ =
            Relay.start(
                address,
                () -> {
                  throw new IOException("nobody calls");
                });
        SocketChannel caller = SocketChannel.open(address)) {
      assertEquals(address, caller.getRemoteAddress());
    }
  }

  @Test
  void oneByteMoreIsSaidWithWhatToDo() {
    Path file = path(107);
    IOException failed = assertThrows(IOException.class, () -> SocketPath.address(file));
    assertEquals(
        file
            + " cannot be a socket: its path has 107 bytes, and a socket's 106 at most; set"
            + " XDG_RUNTIME_DIR to a folder with a shorter path (/tmp is taken without it), or"
            + " shorten the service's name",
        failed.getMessage());
  }
}
