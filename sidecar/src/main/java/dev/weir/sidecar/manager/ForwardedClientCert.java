package dev.weir.sidecar.manager;

import dev.weir.sidecar.config.listener.ClientCertificates;
import dev.weir.sidecar.config.listener.ClientCertificates.Forward;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.transport.Peer;
import dev.weir.sidecar.transport.TlsSession;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code x-forwarded-client-cert}: what a client says of others is taken out, unless it is to be
 * believed, and who it has proved to be is said.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_conn_man/headers#x-forwarded-client-cert
 */
final class ForwardedClientCert {
  private static final String NAME = "x-forwarded-client-cert";

  private ForwardedClientCert() {}

  /** Early: takes it out, unless the peer is one of those that alone are believed. */
  static void sanitize(ClientCertificates config, @Nullable TlsSession session, Headers headers) {
    Set<String> believed = config.believed().orElse(null);
    if (believed != null && !isNamed(session == null ? null : session.peer(), believed)) {
      headers.removeAlike(NAME);
    }
  }

  private static boolean isNamed(@Nullable Peer peer, Set<String> names) {
    return peer != null
        && (peer.uris().stream().anyMatch(names::contains)
            || peer.dnsNames().stream().anyMatch(names::contains));
  }

  static void apply(ClientCertificates config, @Nullable TlsSession session, Headers headers) {
    Peer peer = session == null ? null : session.peer();
    if (config.forward() == Forward.ALWAYS_FORWARD_ONLY) {
      return;
    }
    if (session == null || peer == null || config.forward() == Forward.SANITIZE) {
      headers.removeAlike(NAME);
      return;
    }
    String before = headers.value(NAME);
    switch (config.forward()) {
      case SANITIZE_SET -> {
        headers.removeAlike(NAME);
        headers.add(NAME, element(config, session, peer));
      }
      case APPEND_FORWARD -> {
        String own = element(config, session, peer);
        headers.removeAlike(NAME);
        headers.add(NAME, before == null ? own : before + "," + own);
      }
      case FORWARD_ONLY, SANITIZE, ALWAYS_FORWARD_ONLY -> {}
    }
  }

  /** In Envoy's order. */
  private static String element(ClientCertificates config, TlsSession session, Peer peer) {
    StringBuilder text = new StringBuilder();
    session.ownUris().forEach(uri -> text.append("By=").append(uri).append(';'));
    text.append("Hash=").append(peer.fingerprint());
    if (config.cert()) {
      text.append(";Cert=\"").append(encoded(peer.pem())).append('"');
    }
    if (config.chain()) {
      StringBuilder chain = new StringBuilder();
      peer.chain().forEach(each -> chain.append(Peer.pem(each)));
      text.append(";Chain=\"").append(encoded(chain.toString())).append('"');
    }
    if (config.subject()) {
      text.append(";Subject=\"")
          .append(peer.subject().replace("\\", "\\\\").replace("\"", "\\\""))
          .append('"');
    }
    if (config.uri()) {
      if (peer.uris().isEmpty()) {
        text.append(";URI=");
      }
      peer.uris().forEach(uri -> text.append(";URI=").append(uri));
    }
    if (config.dns()) {
      peer.dnsNames().forEach(name -> text.append(";DNS=").append(name));
    }
    return printable(text);
  }

  /** Names of a certificate are its issuer's: what no header can carry is percent-encoded. */
  private static String printable(CharSequence text) {
    StringBuilder printable = new StringBuilder(text.length());
    for (byte b : text.toString().getBytes(StandardCharsets.UTF_8)) {
      if (b >= ' ' && b != 0x7f) {
        printable.append((char) b);
      } else {
        printable.append("%%%02X".formatted(b));
      }
    }
    return printable.toString();
  }

  private static String encoded(String pem) {
    return URLEncoder.encode(pem, StandardCharsets.US_ASCII).replace("+", "%20");
  }
}
