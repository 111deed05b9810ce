package dev.weir.sidecar.member;

import java.net.InetSocketAddress;

/** The bootstrap of a member's sidecar: who it is, and where its configuration comes from. */
final class MemberBootstrap {
  private MemberBootstrap() {}

  /**
   * The stream to the control plane says nothing for hours: only by pings does a sidecar notice
   * that a partition has cost it, and that it is no endpoint any more.
   *
   * @param name the instance's, unique in the mesh
   * @param address where it is reached
   * @param controlPlane its ADS port
   */
  static String write(
      String name, Service service, String address, InetSocketAddress controlPlane) {
    return """
    node:
      id: %s
      cluster: %s
      metadata: {WEIR_SERVICE: %s, WEIR_NAMESPACE: %s, WEIR_ADDRESS: %s}
    admin: {address: {socket_address: {address: 127.0.0.1, port_value: 15000}}}
    dynamic_resources:
      ads_config: {api_type: DELTA_GRPC, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: xds}}]}
      lds_config: {ads: {}, resource_api_version: V3}
      cds_config: {ads: {}, resource_api_version: V3}
    static_resources:
      clusters:
      - name: xds
        type: STATIC
        connect_timeout: 1s
        upstream_bind_config:
          socket_options: [{description: SO_MARK, level: 1, name: 36, int_value: 1337, state: STATE_PREBIND}]
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http2_protocol_options: {connection_keepalive: {interval: 30s, timeout: 10s}}}
        load_assignment:
          cluster_name: xds
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: %s, port_value: %d}}}}]}]
    """
        .formatted(
            quoted(name),
            quoted(service.name()),
            quoted(service.name()),
            quoted(service.namespace()),
            quoted(address),
            quoted(controlPlane.getAddress().getHostAddress()),
            controlPlane.getPort());
  }

  /** A name like 1 or null is a text all the same. */
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
