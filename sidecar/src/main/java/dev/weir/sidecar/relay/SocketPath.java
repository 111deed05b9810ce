package dev.weir.sidecar.relay;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.Charset;
import java.nio.file.Path;

/** The path of a Unix socket in a runtime folder. */
public final class SocketPath {
  /** The kernel takes 107 (unix(7)), the JDK one less. */
  static final int MOST_BYTES = 106;

  private SocketPath() {}

  /**
   * The address of such a socket.
   *
   * @throws IOException for a path that is too long; says what to do
   */
  public static UnixDomainSocketAddress address(Path file) throws IOException {
    int bytes = file.toString().getBytes(Charset.defaultCharset()).length;
    if (bytes > MOST_BYTES) {
      throw new IOException(
          ("%s cannot be a socket: its path has %d bytes, and a socket's %d at most; set"
                  + " XDG_RUNTIME_DIR to a folder with a shorter path (/tmp is taken without it), or"
                  + " shorten the service's name")
              .formatted(file, bytes, MOST_BYTES));
    }
    return UnixDomainSocketAddress.of(file);
  }
}
