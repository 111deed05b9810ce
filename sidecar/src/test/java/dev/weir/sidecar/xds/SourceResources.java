package dev.weir.sidecar.xds;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;

/** A sidecar's configuration, each of it from the source that a test says. Sources are YAML. */
final class SourceResources {
  private SourceResources() {}

  /** {@code api_config_source} over the cluster {@code xds}. */
  static String grpc(String apiType) {
    return """
    {resource_api_version: V3, initial_fetch_timeout: 0s, api_config_source: {api_type: %s, transport_api_version: V3, \
    set_node_on_first_message_only: true, grpc_services: [{envoy_grpc: {cluster_name: xds}}]}}\
    """
        .formatted(apiType);
  }

  static String rest(String refreshDelay) {
    return """
    {resource_api_version: V3, initial_fetch_timeout: 0s, api_config_source: {api_type: REST, transport_api_version: V3, \
    cluster_names: [xds], refresh_delay: %s, request_timeout: 5s}}\
    """
        .formatted(refreshDelay);
  }

  /**
   * @param xds the options of the cluster that is asked
   */
  static String bootstrap(String lds, String cds, int port, String xds) {
    return """
    node: {id: cart-0, cluster: cart}
    dynamic_resources:
      lds_config: %s
      cds_config: %s
    static_resources:
      clusters:
      - name: xds
        connect_timeout: 1s
        load_assignment:
          cluster_name: xds
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
        %s
    """
        .formatted(lds, cds, port, xds);
  }

  static Any cluster(String name, String eds) {
    return TestDynamicConfig.any(Cluster.getDefaultInstance(), clusterYaml(name, eds));
  }

  static String clusterYaml(String name, String eds) {
    return "{name: %s, type: EDS, connect_timeout: 1s, eds_cluster_config: {eds_config: %s}}"
        .formatted(name, eds);
  }

  /** The listener {@code in}. */
  static Any listener(String routes, String rds) {
    return TestDynamicConfig.any(Listener.getDefaultInstance(), listenerYaml(routes, rds));
  }

  static String listenerYaml(String routes, String rds) {
    return """
    {name: in, address: {socket_address: {address: 127.0.0.1, port_value: 0}}, filter_chains: [{filters: [{name: http, \
    typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, \
    stat_prefix: in, rds: {route_config_name: %s, config_source: %s}, \
    http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]}}]}]}\
    """
        .formatted(routes, rds);
  }

  static String routesYaml(String name, String cluster) {
    return """
    {name: %s, virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: %s}}]}]}\
    """
        .formatted(name, cluster);
  }

  static String endpointsYaml(String cluster, int port) {
    return """
    {cluster_name: %s, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}\
    """
        .formatted(cluster, port);
  }

  /** A DiscoveryResponse of resources in YAML. */
  static String response(ResourceType type, String version, String... resources) {
    StringBuilder text = new StringBuilder("version_info: \"" + version + "\"\nresources:\n");
    for (String resource : resources) {
      text.append("- {\"@type\": ")
          .append(type.typeUrl())
          .append(", ")
          .append(resource.substring(1))
          .append('\n');
    }
    return text.toString();
  }
}
