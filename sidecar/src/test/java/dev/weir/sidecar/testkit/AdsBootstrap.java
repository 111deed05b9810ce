package dev.weir.sidecar.testkit;

/** The bootstrap of a sidecar to which all comes over ADS, from its cluster {@code xds}. */
public final class AdsBootstrap {
  public static final String SOTW = "GRPC";
  public static final String DELTA = "DELTA_GRPC";

  private AdsBootstrap() {}

  /** Of the node {@code cart-0}; the static clusters are its last part. */
  public static String yaml(String apiType, int port) {
    return "node: {id: cart-0, cluster: cart}\n"
        + dynamicResources(apiType)
        + """
          lds_config: {ads: {}}
          cds_config: {ads: {}}
        static_resources:
          clusters:
        """
        + cluster(port);
  }

  /** As they begin: the stream, and nothing yet that comes by it. */
  public static String dynamicResources(String apiType) {
    return """
    dynamic_resources:
      ads_config: {api_type: %s, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: xds}}]}
    """
        .formatted(apiType);
  }

  /** One of the static clusters: the control plane at {@code port} of 127.0.0.1. */
  public static String cluster(int port) {
    return """
      - name: xds
        type: STATIC
        connect_timeout: 1s
        http2_protocol_options: {}
        load_assignment:
          cluster_name: xds
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
    """
        .formatted(port);
  }
}
