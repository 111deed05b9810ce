package dev.weir.sidecar.rbac;

import dev.weir.sidecar.http.DynamicMetadata;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.transport.TlsSession;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What is decided about.
 *
 * @param request null for a connection
 * @param tls null for plain text
 * @param metadata null for none
 */
public record Call(
    @Nullable Headers request,
    SocketAddress remote,
    SocketAddress destination,
    @Nullable TlsSession tls,
    @Nullable DynamicMetadata metadata) {
  byte[] remoteIp() {
    return ip(remote);
  }

  byte[] destinationIp() {
    return ip(destination);
  }

  int destinationPort() {
    return destination instanceof InetSocketAddress inet ? inet.getPort() : 0;
  }

  private static byte[] ip(SocketAddress address) {
    return address instanceof InetSocketAddress inet && inet.getAddress() != null
        ? inet.getAddress().getAddress()
        : new byte[0];
  }
}
