package dev.weir.sidecar.config;

/**
 * Where to listen or whom to call: an IP literal (never a name) and port, or the path of a Unix
 * domain socket.
 */
public sealed interface SocketAddress {
  /**
   * {@code host} is an IPv4 or IPv6 literal without brackets; {@code port} is 0 to 65535, 0 to bind
   * to any.
   */
  record Ip(String host, int port) implements SocketAddress {
    public Ip {
      if (port < 0 || port > 65535) {
        throw new IllegalArgumentException("port " + port + " is not 0 to 65535");
      }
    }

    @Override
    public String toString() {
      return host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
    }
  }

  record Pipe(String path) implements SocketAddress {
    @Override
    public String toString() {
      return path;
    }
  }
}
