package dev.weir.sidecar.member;

import dev.weir.sidecar.relay.Relay;
import dev.weir.sidecar.relay.SocketPath;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * The ways into a member from other networks: Unix sockets in its folder, which know no network
 * namespace. {@code admin} leads to its sidecar's pages, {@code control-plane} to those of the
 * control plane, {@code port-N} to the app's port N as a call from outside of the mesh.
 */
final class Doors {
  private static final InetSocketAddress ADMIN =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 15000);

  private Doors() {}

  static void open(Arguments arguments, HolderNetwork network) throws IOException {
    Path folder = arguments.folder();
    open(folder.resolve("admin"), () -> SocketChannel.open(ADMIN));
    open(
        folder.resolve("control-plane"),
        () ->
            network.connect(
                new InetSocketAddress(
                    InetAddress.ofLiteral(arguments.services().getHost()),
                    arguments.services().getPort())));
    for (int port : arguments.published()) {
      InetSocketAddress app =
          new InetSocketAddress(InetAddress.ofLiteral(arguments.address()), port);
      open(folder.resolve("port-" + port), () -> network.connect(app));
    }
  }

  /** Its life is the process's. */
  static void open(Path file, Relay.Other other) throws IOException {
    UnixDomainSocketAddress address = SocketPath.address(file);
    try {
      Relay _ = Relay.start(address, other);
    } catch (IOException e) {
      throw new IOException(file + " cannot be listened at: " + e.getMessage(), e);
    }
  }
}
