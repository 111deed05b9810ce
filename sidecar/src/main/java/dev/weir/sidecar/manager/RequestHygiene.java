package dev.weir.sidecar.manager;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.HttpConnectionManager.ForwardedOptions;
import dev.weir.sidecar.config.listener.HttpConnectionManager.PathOptions;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.ServerConnection;
import dev.weir.sidecar.transport.TlsSession;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * What is done to a request's head on its way in: what its sender may not say is removed, who
 * called and by which request is noted.
 */
final class RequestHygiene {
  private RequestHygiene() {}

  static void apply(HttpConnectionManager config, ServerConnection connection, Headers headers) {
    ForwardedOptions forwarded = config.forwarded();
    if (!trusted(connection)) {
      // At the edge, as Envoy has it, a stranger does not name our requests.
      if (forwarded.useRemoteAddress()
          && forwarded.generateRequestId()
          && !forwarded.preserveExternalRequestId()) {
        headers.remove(HeaderName.X_REQUEST_ID);
      }
      headers.removePrefix("x-envoy-");
      headers.removePrefix("x-weir-");
    }
    ForwardedClientCert.sanitize(config.clientCertificates(), connection.tls(), headers);
    if (connection.direction() != TrafficDirection.OUTBOUND) {
      ForwardedClientCert.apply(config.clientCertificates(), connection.tls(), headers);
    }
    // With useRemoteAddress the peer is the client: what it says of how it was called says nothing
    // (xff_num_trusted_hops is 0).
    if (forwarded.useRemoteAddress() || !headers.has(HeaderName.X_FORWARDED_PROTO)) {
      headers.set(HeaderName.X_FORWARDED_PROTO, connection.tls() == null ? "http" : "https");
    }
    if (forwarded.useRemoteAddress()
        && !forwarded.skipXffAppend()
        && connection.remoteAddress() instanceof InetSocketAddress remote) {
      String address = remote.getAddress().getHostAddress();
      String before = headers.value("x-forwarded-for");
      headers.set(HeaderName.X_FORWARDED_FOR, before == null ? address : before + "," + address);
    }
    if (forwarded.generateRequestId() && !headers.has(HeaderName.X_REQUEST_ID)) {
      headers.add(HeaderName.X_REQUEST_ID, uuid(connection.loop().random()));
    }
  }

  /**
   * The app beside us, whoever calls from this machine, and workloads of the mesh that have proved
   * it.
   */
  static boolean trusted(ServerConnection connection) {
    return connection.direction() == TrafficDirection.OUTBOUND
        || TlsSession.believed(connection.tls(), connection.remoteAddress());
  }

  static boolean touchesPath(PathOptions options) {
    return options.normalize()
        || options.mergeSlashes()
        || options.escapedSlashes() != HttpConnectionManager.EscapedSlashes.KEEP;
  }

  /** A version 4 UUID; it names a request and guards nothing, so it need not be secret. */
  private static String uuid(SplittableRandom random) {
    long high = random.nextLong() & ~0xf000L | 0x4000L;
    long low = random.nextLong() & ~(3L << 62) | 2L << 62;
    return new UUID(high, low).toString();
  }
}
