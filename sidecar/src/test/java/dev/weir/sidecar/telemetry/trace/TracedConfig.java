package dev.weir.sidecar.telemetry.trace;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.TestCollector;

/** Sidecars whose spans go to a collector. */
final class TracedConfig {
  static final String TRACE_CONTEXT =
      "weir.extensions.filters.http.trace_context.v1alpha1.TraceContext";

  private TracedConfig() {}

  /** As the control plane configures it: a filter begins traces. */
  static String yaml(TestConfig config, String direction, String service, TestCollector to) {
    return over(
        config
            .listener("traffic_direction: " + direction)
            .filter("trace", TRACE_CONTEXT, "propagate: [W3C]"),
        "service_name: %s, grpc_service: {envoy_grpc: {cluster_name: collector}}"
            .formatted(service),
        "spawn_upstream_span: " + direction.equals("OUTBOUND"),
        to.grpcPort());
  }

  static TestSidecar start(TestConfig config, String direction, String service, TestCollector to) {
    return TestSidecar.start(yaml(config, direction, service, to), 1);
  }

  /**
   * @param provider fields of the {@code OpenTelemetryConfig}
   * @param tracing other fields of {@code tracing}
   * @param port of the collector, at the cluster {@code collector}
   */
  static String over(TestConfig config, String provider, String tracing, int port) {
    String yaml =
        config
            .manager(
                "tracing: {provider: {name: otel, typed_config: {\"@type\": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, %s}}, %s}"
                    .formatted(provider, tracing))
            .yaml();
    String http2 = provider.contains("grpc_service") ? "http2_protocol_options: {}" : "";
    return yaml.stripTrailing()
        + """

          - name: collector
            type: STATIC
            connect_timeout: 1s
            %s
            load_assignment:
              cluster_name: collector
              endpoints:
              - lb_endpoints:
                - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
        """
            .formatted(http2, port);
  }
}
