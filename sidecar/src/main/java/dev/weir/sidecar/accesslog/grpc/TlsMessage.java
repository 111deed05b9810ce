package dev.weir.sidecar.accesslog.grpc;

import com.google.protobuf.UInt32Value;
import dev.weir.sidecar.transport.Peer;
import dev.weir.sidecar.transport.TlsSession;
import io.envoyproxy.envoy.data.accesslog.v3.TLSProperties;
import io.envoyproxy.envoy.data.accesslog.v3.TLSProperties.CertificateProperties;
import io.envoyproxy.envoy.data.accesslog.v3.TLSProperties.CertificateProperties.SubjectAltName;
import io.envoyproxy.envoy.data.accesslog.v3.TLSProperties.TLSVersion;
import java.util.List;
import java.util.Map;

/** A handshake as Envoy's message of it. */
final class TlsMessage {
  /** By IANA's names of those that BoringSSL or the JDK agree on by default. */
  private static final Map<String, Integer> SUITES =
      Map.ofEntries(
          Map.entry("TLS_AES_128_GCM_SHA256", 0x1301),
          Map.entry("TLS_AES_256_GCM_SHA384", 0x1302),
          Map.entry("TLS_CHACHA20_POLY1305_SHA256", 0x1303),
          Map.entry("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xc02b),
          Map.entry("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", 0xc02c),
          Map.entry("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xc02f),
          Map.entry("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", 0xc030),
          Map.entry("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca8),
          Map.entry("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", 0xcca9),
          Map.entry("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 0xc009),
          Map.entry("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", 0xc00a),
          Map.entry("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xc013),
          Map.entry("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", 0xc014),
          Map.entry("TLS_RSA_WITH_AES_128_CBC_SHA", 0x002f),
          Map.entry("TLS_RSA_WITH_AES_256_CBC_SHA", 0x0035),
          Map.entry("TLS_RSA_WITH_AES_128_GCM_SHA256", 0x009c),
          Map.entry("TLS_RSA_WITH_AES_256_GCM_SHA384", 0x009d));

  private TlsMessage() {}

  static TLSProperties of(TlsSession session) {
    TLSProperties.Builder made =
        TLSProperties.newBuilder()
            .setTlsVersion(version(session.version()))
            .setTlsSniHostname(session.serverName())
            .setLocalCertificateProperties(names(session.ownUris(), session.ownSubject()));
    Integer suite = SUITES.get(session.cipher());
    if (suite != null) {
      made.setTlsCipherSuite(UInt32Value.of(suite));
    }
    Peer peer = session.peer();
    if (peer != null) {
      made.setPeerCertificateProperties(
          names(peer.uris(), peer.subject()).setIssuer(peer.issuer()));
    }
    return made.build();
  }

  private static TLSVersion version(String said) {
    return switch (said) {
      case "TLSv1" -> TLSVersion.TLSv1;
      case "TLSv1.1" -> TLSVersion.TLSv1_1;
      case "TLSv1.2" -> TLSVersion.TLSv1_2;
      case "TLSv1.3" -> TLSVersion.TLSv1_3;
      default -> TLSVersion.VERSION_UNSPECIFIED;
    };
  }

  private static CertificateProperties.Builder names(List<String> uris, String subject) {
    CertificateProperties.Builder made = CertificateProperties.newBuilder().setSubject(subject);
    uris.forEach(uri -> made.addSubjectAltName(SubjectAltName.newBuilder().setUri(uri)));
    return made;
  }
}
