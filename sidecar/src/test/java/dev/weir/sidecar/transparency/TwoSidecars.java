package dev.weir.sidecar.transparency;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;

/** The caller's sidecar, then the callee's, as a control plane without policies configures them. */
final class TwoSidecars implements AutoCloseable {
  private final TestSidecar callee;
  private final TestSidecar caller;

  TwoSidecars(int app) {
    callee = start("INBOUND", app);
    caller = start("OUTBOUND", callee.port());
  }

  private static TestSidecar start(String direction, int to) {
    TestConfig config =
        TestConfig.to(to)
            .manager(
                """
                stream_idle_timeout: 0s
                use_remote_address: false
                skip_xff_append: true
                server_header_transformation: PASS_THROUGH
                common_http_protocol_options: {max_headers_count: 10000}
                http_protocol_options: {accept_http_10: true}
                http2_protocol_options: {allow_connect: true}
                upgrade_configs: [{upgrade_type: websocket}, {upgrade_type: tcp}, {upgrade_type: spdy/3.1}]\
                """)
            .filter(
                "weir.filters.http.trace_context",
                "weir.extensions.filters.http.trace_context.v1alpha1.TraceContext",
                "propagate: [W3C], sample: {numerator: 100, denominator: TEN_THOUSAND}")
            .cluster(
                """
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    common_http_protocol_options: {max_headers_count: 10000}
                    use_downstream_protocol_config: {http_protocol_options: {}, http2_protocol_options: {}}
                  weir.upstreams.resilience:
                    "@type": type.googleapis.com/weir.extensions.upstreams.v1alpha1.ResilienceOptions
                    retry_budget: {share: 0.2, over: 10s, at_least_per_second: 3}\
                """);
    (direction.equals("INBOUND") ? ofCallee(config) : ofCaller(config)).route("timeout: 0s");
    String yaml =
        config
            .yaml()
            .replace("  - name: in\n", "  - name: in\n    traffic_direction: " + direction + "\n");
    return TestSidecar.start(yaml, 1);
  }

  private static TestConfig ofCaller(TestConfig config) {
    return config
        .filter("envoy.filters.http.cors", "envoy.extensions.filters.http.cors.v3.Cors", "")
        .route(
            """
            retry_policy:
              retry_on: "connect-failure,refused-stream"
              num_retries: 2
              retry_host_predicate:
              - name: envoy.retry_host_predicates.previous_hosts
                typed_config: {"@type": type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}
              host_selection_retry_max_attempts: 5
            max_stream_duration: {grpc_timeout_header_max: 0s}\
            """);
  }

  private static TestConfig ofCallee(TestConfig config) {
    return config
        .manager(
            """
            forward_client_cert_details: SANITIZE_SET
            set_current_client_cert_details: {subject: true, uri: true}\
            """)
        .filter(
            "weir.filters.http.rate_limit",
            "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit",
            "")
        .filter(
            "weir.filters.http.bulkhead",
            "weir.extensions.filters.http.bulkhead.v1alpha1.Bulkhead",
            "");
  }

  /** Where the caller calls. */
  int port() {
    return caller.port();
  }

  /** Waits until no connection to the app is kept, after the app has ended them. */
  void letGo() {
    Await.until(() -> callee.stat("cluster.app.upstream_cx_active") == 0);
  }

  @Override
  public void close() {
    caller.close();
    callee.close();
  }
}
