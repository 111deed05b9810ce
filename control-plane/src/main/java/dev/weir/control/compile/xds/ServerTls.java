package dev.weir.control.compile.xds;

import dev.weir.control.model.BackendTls;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher.SanType;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import java.util.List;

/**
 * TLS to servers outside of the mesh, verified. What is offered by ALPN is what the connection is
 * for.
 */
final class ServerTls {
  /** The roots that the system trusts, as Debian and most container images have them. */
  private static final String SYSTEM_ROOTS = "/etc/ssl/certs/ca-certificates.crt";

  /** Of no certificate: without anybody to trust, no server is the right one. */
  private static final String NO_HASH = "0".repeat(64);

  private ServerTls() {}

  /** To a host whose certificate is of somebody whom the system trusts. */
  static TransportSocket to(String host) {
    return to(host, new BackendTls.SystemRoots(), List.of(new BackendTls.DnsName(host)));
  }

  static TransportSocket to(BackendTls tls) {
    return to(tls.hostname(), tls.trust(), tls.names());
  }

  private static TransportSocket to(
      String sni, BackendTls.Trust trust, List<BackendTls.Name> names) {
    return TransportSocket.newBuilder()
        .setName("envoy.transport_sockets.tls")
        .setTypedConfig(
            Protos.any(
                UpstreamTlsContext.newBuilder()
                    .setSni(sni)
                    .setCommonTlsContext(
                        CommonTlsContext.newBuilder()
                            .setValidationContext(validation(trust, names)))
                    .build()))
        .build();
  }

  private static CertificateValidationContext validation(
      BackendTls.Trust trust, List<BackendTls.Name> names) {
    CertificateValidationContext.Builder validation = CertificateValidationContext.newBuilder();
    switch (trust) {
      case BackendTls.SystemRoots() ->
          validation.setTrustedCa(DataSource.newBuilder().setFilename(SYSTEM_ROOTS));
      case BackendTls.Certificates(var _, String pem) ->
          validation.setTrustedCa(DataSource.newBuilder().setInlineString(pem));
      case BackendTls.Nobody() -> {
        return validation.addVerifyCertificateHash(NO_HASH).build();
      }
    }
    names.forEach(name -> validation.addMatchTypedSubjectAltNames(san(name)));
    return validation.build();
  }

  private static SubjectAltNameMatcher san(BackendTls.Name name) {
    SubjectAltNameMatcher.Builder matcher = SubjectAltNameMatcher.newBuilder();
    return switch (name) {
      case BackendTls.DnsName(String dns) ->
          matcher
              .setSanType(SanType.DNS)
              .setMatcher(
                  dns.startsWith("*.")
                      ? StringMatcher.newBuilder().setSuffix(dns.substring(1)).build()
                      : Protos.exactly(dns))
              .build();
      case BackendTls.Uri(String uri) ->
          matcher.setSanType(SanType.URI).setMatcher(Protos.exactly(uri)).build();
    };
  }
}
