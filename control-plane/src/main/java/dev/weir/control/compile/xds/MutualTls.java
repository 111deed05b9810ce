package dev.weir.control.compile.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.control.compile.Mesh;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.SpiffeId;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.TransportSocketMatch;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext.CombinedCertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.util.List;
import java.util.TreeSet;

/**
 * TLS between workloads, in Istio's words: the names of secrets, of protocols by ALPN, of the
 * metadata by which an endpoint says that it speaks it. What is offered by ALPN tells the mesh's
 * TLS from an app's own, and HTTP inside it from bytes.
 */
final class MutualTls {
  /** Of an endpoint whose sidecar speaks it. */
  static final Metadata SPOKEN =
      Metadata.newBuilder()
          .putFilterMetadata("envoy.transport_socket_match", struct("tlsMode", "istio"))
          .build();

  /** Inside is HTTP. */
  static final List<String> HTTP = List.of("istio-http/1.1", "istio-h2", "istio-http/1.0");

  /** Inside are bytes. */
  static final List<String> BYTES = List.of("istio", "istio-peer-exchange");

  private static final String TLS = "envoy.transport_sockets.tls";

  private MutualTls() {}

  private static Struct struct(String key, String value) {
    return Struct.newBuilder()
        .putFields(key, Value.newBuilder().setStringValue(value).build())
        .build();
  }

  private static SdsSecretConfig secret(String name) {
    return SdsSecretConfig.newBuilder().setName(name).build();
  }

  /** A server that shows its certificate, and wants one of the mesh's. */
  static TransportSocket downstream() {
    CommonTlsContext common =
        CommonTlsContext.newBuilder()
            .addTlsCertificateSdsSecretConfigs(secret("default"))
            .setValidationContextSdsSecretConfig(secret("ROOTCA"))
            .addAllAlpnProtocols(HTTP)
            // Not istio-peer-exchange: who is answered by that says more than the app's bytes.
            .addAlpnProtocols(BYTES.getFirst())
            .addAlpnProtocols("h2")
            .addAlpnProtocols("http/1.1")
            .build();
    return TransportSocket.newBuilder()
        .setName(TLS)
        .setTypedConfig(
            Protos.any(
                DownstreamTlsContext.newBuilder()
                    .setCommonTlsContext(common)
                    .setRequireClientCertificate(Protos.bool(true))
                    .build()))
        .build();
  }

  /**
   * How the endpoints of a port are spoken to: by their metadata.
   *
   * @param bytes inside is whatever the app says, and not HTTP
   */
  static List<TransportSocketMatch> upstream(ServicePort port, boolean bytes, Mesh mesh) {
    ObjectName service = port.service();
    CertificateValidationContext.Builder callee = CertificateValidationContext.newBuilder();
    for (String account : new TreeSet<>(mesh.accountsOf(service))) {
      SpiffeId identity = new SpiffeId(mesh.trustDomain(), service.namespace(), account);
      callee.addMatchTypedSubjectAltNames(
          SubjectAltNameMatcher.newBuilder()
              .setSanType(SubjectAltNameMatcher.SanType.URI)
              .setMatcher(Protos.exactly(identity.toString())));
    }
    CommonTlsContext common =
        CommonTlsContext.newBuilder()
            .addTlsCertificateSdsSecretConfigs(secret("default"))
            .setCombinedValidationContext(
                CombinedCertificateValidationContext.newBuilder()
                    .setDefaultValidationContext(callee)
                    .setValidationContextSdsSecretConfig(secret("ROOTCA")))
            .addAlpnProtocols(bytes ? "istio" : "istio-http/1.1")
            .build();
    UpstreamTlsContext tls =
        UpstreamTlsContext.newBuilder()
            .setCommonTlsContext(common)
            .setSni("%s.%s.svc.cluster.local".formatted(service.name(), service.namespace()))
            .build();
    return List.of(
        TransportSocketMatch.newBuilder()
            .setName("tlsMode-istio")
            .setMatch(struct("tlsMode", "istio"))
            .setTransportSocket(
                TransportSocket.newBuilder().setName(TLS).setTypedConfig(Protos.any(tls)))
            .build(),
        TransportSocketMatch.newBuilder()
            .setName("tlsMode-disabled")
            .setMatch(Struct.getDefaultInstance())
            .setTransportSocket(
                TransportSocket.newBuilder()
                    .setName("envoy.transport_sockets.raw_buffer")
                    .setTypedConfig(Protos.any(RawBuffer.getDefaultInstance())))
            .build());
  }
}
