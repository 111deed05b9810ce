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
    String yaml =
        TestConfig.to(to)
            .manager(
                """
                stream_idle_timeout: 0s
                use_remote_address: false
                skip_xff_append: true
                server_header_transformation: PASS_THROUGH\
                """)
            .route("timeout: 0s")
            .cluster(
                """
                typed_extension_protocol_options:
                  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                    use_downstream_protocol_config: {http_protocol_options: {}, http2_protocol_options: {}}\
                """)
            .yaml()
            .replace("  - name: in\n", "  - name: in\n    traffic_direction: " + direction + "\n");
    return TestSidecar.start(yaml, 1);
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
