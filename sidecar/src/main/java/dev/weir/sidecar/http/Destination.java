package dev.weir.sidecar.http;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a client was going.
 *
 * @param redirected a redirect rule brought it here; else the address is our own
 * @param service the address is one instance's of a service, and this is the service's; null: it is
 *     not
 */
public record Destination(
    SocketAddress address, boolean redirected, @Nullable InetSocketAddress service) {
  public Destination(SocketAddress address, boolean redirected) {
    this(address, redirected, null);
  }

  /** By which a chain takes it. */
  public SocketAddress taken() {
    return service == null ? address : service;
  }

  /** The instance that is called, whatever other ones there are; null: the service is. */
  public @Nullable InetSocketAddress instance() {
    return service == null ? null : original();
  }

  /** The address to go on to; null where there is none but our own, which would lead back here. */
  public @Nullable InetSocketAddress original() {
    return redirected && address instanceof InetSocketAddress inet ? inet : null;
  }
}
