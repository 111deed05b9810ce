package dev.weir.sidecar.transport;

import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a handshake has agreed on. Immutable; any thread.
 *
 * @param protocol by ALPN; empty for nothing
 * @param serverName that the client called, in lower case; empty for none
 * @param version {@code TLSv1.3}
 * @param cipher as the engine calls it
 * @param peer null for one that has shown no certificate
 * @param ownUris the SubjectAltNames of type URI of the certificate that was shown to it
 * @param ownSubject of the same; RFC 2253
 * @param workload it has proved to be a workload of the trust domain that our own certificate is of
 */
public record TlsSession(
    String protocol,
    String serverName,
    String version,
    String cipher,
    @Nullable Peer peer,
    List<String> ownUris,
    String ownSubject,
    boolean workload) {
  public TlsSession {
    ownUris = List.copyOf(ownUris);
  }

  private static final AttributeKey<TlsSession> KEY = AttributeKey.valueOf(TlsSession.class, "of");

  /** Null for a connection without TLS, or not yet ready. */
  public static @Nullable TlsSession of(Channel channel) {
    return channel.attr(KEY).get();
  }

  /**
   * Whether the fields that sidecars tell each other things by are believed: of a workload of the
   * mesh that has proved it, and of whoever is on this machine.
   *
   * @param session null without TLS
   */
  public static boolean believed(@Nullable TlsSession session, SocketAddress peer) {
    return session != null && session.workload
        || !(peer instanceof InetSocketAddress address)
        || address.getAddress() != null && address.getAddress().isLoopbackAddress();
  }

  void keep(Channel channel) {
    channel.attr(KEY).set(this);
  }
}
