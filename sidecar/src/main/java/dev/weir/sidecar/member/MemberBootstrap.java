package dev.weir.sidecar.member;

import java.net.InetSocketAddress;
import java.util.Optional;

/** The bootstrap of a member's sidecar: who it is, and where its configuration comes from. */
final class MemberBootstrap {
  private static final String TYPE = "type.googleapis.com/";

  private MemberBootstrap() {}

  /**
   * The stream to the control plane says nothing for hours: only by pings does a sidecar notice
   * that a partition has cost it, and that it is no endpoint any more.
   *
   * @param name the instance's, unique in the mesh
   * @param address where it is reached
   * @param controlPlane its ADS port, and its CA's
   * @param proof how it proves who it is; empty: the control plane takes plain text
   */
  static String write(
      String name,
      Service service,
      String address,
      InetSocketAddress controlPlane,
      Optional<MemberProof> proof) {
    String node =
        """
        node:
          id: %s
          cluster: %s
          metadata: {WEIR_SERVICE: %s, WEIR_NAMESPACE: %s, WEIR_ADDRESS: %s}
        admin: {address: {socket_address: {address: 127.0.0.1, port_value: 15000}}}
        dynamic_resources:
          ads_config: {api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: xds}}]}
          lds_config: {ads: {}, resource_api_version: V3}
          cds_config: {ads: {}, resource_api_version: V3}
        """
            .formatted(
                quoted(name),
                quoted(service.name()),
                quoted(service.name()),
                quoted(service.namespace()),
                quoted(address));
    return node
        + proof.map(each -> identity(service, each)).orElse("")
        + "static_resources:\n  clusters:\n"
        + cluster("xds", controlPlane)
        + proof
            .map(each -> tls(each, "tls_certificate_sds_secret_configs: [{name: default}], "))
            .orElse("")
        + proof.map(each -> cluster("ca", controlPlane) + tls(each, "")).orElse("");
  }

  private static String identity(Service service, MemberProof proof) {
    return """
    bootstrap_extensions:
    - name: weir.bootstrap.identity
      typed_config:
        "@type": %sweir.extensions.bootstrap.identity.v1alpha1.WorkloadIdentity
        ca_cluster: ca
        spiffe_id: %s
        root_file: %s
        token_file: %s
    """
        .formatted(
            TYPE,
            quoted(proof.spiffeId(service)),
            quoted(proof.roots().toString()),
            quoted(proof.token().toString()));
  }

  private static String cluster(String name, InetSocketAddress controlPlane) {
    return """
      - name: %s
        type: STATIC
        connect_timeout: 1s
        upstream_bind_config:
          socket_options: [{description: SO_MARK, level: 1, name: 36, int_value: 1337, state: STATE_PREBIND}]
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": %senvoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http2_protocol_options: {connection_keepalive: {interval: 30s, timeout: 10s}}}
        load_assignment:
          cluster_name: %s
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: %s, port_value: %d}}}}]}]
    """
        .formatted(
            name,
            TYPE,
            name,
            quoted(controlPlane.getAddress().getHostAddress()),
            controlPlane.getPort());
  }

  /**
   * @param own what of its own it shows
   */
  private static String tls(MemberProof proof, String own) {
    return """
        transport_socket:
          name: envoy.transport_sockets.tls
          typed_config:
            "@type": %senvoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
            common_tls_context:
              {%salpn_protocols: [h2],
               combined_validation_context: {
                 default_validation_context: {match_typed_subject_alt_names: [{san_type: URI, matcher: {exact: %s}}]},
                 validation_context_sds_secret_config: {name: ROOTCA}}}
    """
        .formatted(TYPE, own, quoted(proof.controlPlane()));
  }

  /** A name like 1 or null is a text all the same. */
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
