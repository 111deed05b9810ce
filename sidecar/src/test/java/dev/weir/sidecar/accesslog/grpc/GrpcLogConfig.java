package dev.weir.sidecar.accesslog.grpc;

import dev.weir.sidecar.testkit.TestSidecar;

/** Configurations with an access log over gRPC. */
final class GrpcLogConfig {
  static final String STATS = "access_logs.grpc_access_log.";
  static final String WRITTEN = STATS + "logs_written";
  static final String DROPPED = STATS + "logs_dropped";
  static final String FAILED = STATS + "exports_failed";

  private GrpcLogConfig() {}

  /**
   * @param kind {@code Http} or {@code Tcp}
   * @param filter of the log; empty for none
   * @param common fields of the {@code common_config}
   * @param fields beside that
   */
  static String log(String kind, String filter, String common, String fields) {
    return """
    access_log:
    - name: entries
    %s
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.access_loggers.grpc.v3.%sGrpcAccessLogConfig
        common_config:
          log_name: requests
          transport_api_version: V3
          grpc_service: {envoy_grpc: {cluster_name: als}, timeout: 1s, initial_metadata: [{key: x-tenant, value: shop}]}
    %s
    %s\
    """
        .formatted(
            filter.isEmpty() ? "" : filter.indent(2).stripTrailing(),
            kind,
            common.indent(6).stripTrailing(),
            fields.indent(4).stripTrailing());
  }

  /** {@code yaml}, whose last part is its clusters, with that of the receiver. */
  static String withReceiver(String yaml, int port) {
    return yaml.stripTrailing()
        + """

          - name: als
            type: STATIC
            connect_timeout: 1s
            http2_protocol_options: {}
            load_assignment:
              cluster_name: als
              endpoints:
              - lb_endpoints:
                - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
        """
            .formatted(port);
  }

  /** A TCP proxy to {@code app} with {@code log}. */
  static String relay(String log, int app, int receiver) {
    return withReceiver(TestSidecar.relayYaml(log, app), receiver);
  }
}
