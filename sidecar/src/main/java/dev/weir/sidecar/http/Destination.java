package dev.weir.sidecar.http;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a client was going.
 *
 * @param redirected a redirect rule brought it here; else the address is our own
 */
public record Destination(SocketAddress address, boolean redirected) {
  /** The address to go on to; null where there is none but our own, which would lead back here. */
  public @Nullable InetSocketAddress original() {
    return redirected && address instanceof InetSocketAddress inet ? inet : null;
  }
}
