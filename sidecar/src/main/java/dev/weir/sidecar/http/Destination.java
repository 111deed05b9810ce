package dev.weir.sidecar.http;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a client was going.
 *
 * @param redirected a redirect rule brought it here; else the address is our own
 * @param called the address is one instance's of a service, and this is the service; null: it is
 *     not
 */
public record Destination(
    SocketAddress address, boolean redirected, @Nullable CalledService called) {
  public Destination(SocketAddress address, boolean redirected) {
    this(address, redirected, null);
  }

  /** By which a chain takes it. */
  public SocketAddress taken() {
    return called == null ? address : called.address();
  }

  /** Whether a cluster is the service's, of whose hosts one was called and no other will do. */
  public boolean isInstanceOf(String cluster) {
    return called != null && called.clusters().contains(cluster);
  }

  /** The address to go on to; null where there is none but our own, which would lead back here. */
  public @Nullable InetSocketAddress original() {
    return redirected && address instanceof InetSocketAddress inet ? inet : null;
  }
}
