package dev.weir.sidecar.bootstrap;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Writes the bootstrap of a sidecar of Weir's control plane, in Envoy's words: who it is, and where
 * its configuration and its certificates come from.
 */
public final class BootstrapText {
  private static final String TYPE = "type.googleapis.com/";

  /** The {@code SO_MARK} of a sidecar's own sockets. */
  private static final String MARK =
      "socket_options: [{description: SO_MARK, level: 1, name: 36, int_value: 1337,"
          + " state: STATE_PREBIND}]";

  private BootstrapText() {}

  /**
   * The control plane's port, of ADS and its CA.
   *
   * @param host an address, or a name that DNS knows
   */
  public record ControlPlane(String host, int port, boolean byName) {}

  /**
   * How a sidecar proves who it is.
   *
   * @param spiffeId its own
   * @param controlPlane whom the control plane must prove to be
   * @param roots what a control plane's certificate must lead to, a file
   * @param token a file that somebody keeps valid
   */
  public record Proof(String spiffeId, String controlPlane, Path roots, Path token) {}

  /**
   * A whole bootstrap.
   *
   * @param id the instance's, unique in the mesh
   * @param cluster what it belongs to, as Envoy's {@code node.cluster}
   * @param metadata of the node, a YAML map
   * @param proof empty: the control plane takes plain text
   * @param marked whether its own sockets are known by a mark, rather than by its user
   * @param listeners of its own, a YAML list below {@code static_resources}; may be empty
   * @param clusters these go to
   */
  public static String write(
      String id,
      String cluster,
      String metadata,
      ControlPlane controlPlane,
      Optional<Proof> proof,
      boolean marked,
      String listeners,
      String clusters) {
    String node =
        """
        node:
          id: %s
          cluster: %s
          metadata: %s
        admin: {address: {socket_address: {address: 127.0.0.1, port_value: 15000}}}
        dynamic_resources:
          ads_config: {api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: xds}}]}
          lds_config: {ads: {}, resource_api_version: V3, initial_fetch_timeout: 0s}
          cds_config: {ads: {}, resource_api_version: V3, initial_fetch_timeout: 0s}
        """
            .formatted(quoted(id), quoted(cluster), metadata);
    return node
        + proof.map(BootstrapText::identity).orElse("")
        + "static_resources:\n"
        + (listeners.isEmpty() ? "" : "  listeners:\n" + listeners)
        + "  clusters:\n"
        + server("xds", controlPlane, marked)
        + proof
            .map(each -> tls(each, "tls_certificate_sds_secret_configs: [{name: default}], "))
            .orElse("")
        + proof.map(each -> server("ca", controlPlane, marked) + tls(each, "")).orElse("")
        + clusters;
  }

  private static String identity(Proof proof) {
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
            quoted(proof.spiffeId()),
            quoted(proof.roots().toString()),
            quoted(proof.token().toString()));
  }

  /**
   * The stream to the control plane says nothing for hours: only by pings does a sidecar notice
   * that a partition has cost it, and that it is no endpoint any more.
   */
  private static String server(String name, ControlPlane controlPlane, boolean marked) {
    return """
      - name: %s
        type: %s
        connect_timeout: %s
    %s    typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": %senvoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http2_protocol_options: {connection_keepalive: {interval: 30s, timeout: 10s}}}
        load_assignment:
          cluster_name: %s
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: %s, port_value: %d}}}}]}]
    """
        .formatted(
            name,
            controlPlane.byName() ? "STRICT_DNS" : "STATIC",
            controlPlane.byName() ? "5s" : "1s",
            marked ? "    upstream_bind_config:\n      " + MARK + "\n" : "",
            TYPE,
            name,
            quoted(controlPlane.host()),
            controlPlane.port());
  }

  /**
   * @param own what of its own it shows
   */
  private static String tls(Proof proof, String own) {
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

  /** As a scalar of YAML; a name like 1 or null is a text all the same. */
  public static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
