package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import org.junit.jupiter.api.Test;

/** A client that speaks to the virtual listener itself: its original destination is the sidecar. */
class NotRedirectedTest {
  private static final String HTTP =
      """
      name: envoy.filters.network.http_connection_manager
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
        stat_prefix: in
        route_config:
          virtual_hosts:
          - {name: all, domains: ["*"], routes: [{match: {prefix: "/"}, route: {cluster: original}}]}
        http_filters:
        - name: envoy.filters.http.router
          typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
      """;

  private static final String TCP =
      """
      name: envoy.filters.network.tcp_proxy
      typed_config:
        "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
        stat_prefix: in
        cluster: original
      """;

  private static TestSidecar start(String filter) {
    return TestSidecar.start(
        """
        static_resources:
          listeners:
          - name: in
            use_original_dst: true
            address: {socket_address: {address: 127.0.0.1, port_value: 0}}
            filter_chains:
            - filters:
              - %s
          clusters:
          - {name: original, type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED}
        """
            .formatted(filter.indent(8).strip()),
        1);
  }

  @Test
  void requestIsRefusedRatherThanSentInCircles() throws Exception {
    try (TestSidecar sidecar = start(HTTP);
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response response = client.get("/");
      assertEquals(503, response.status());
      assertEquals("no-healthy-upstream", response.field("x-weir-cause"));
      assertEquals(1, sidecar.stat("http.in.downstream_cx_total"));
    }
  }

  @Test
  void otherTrafficIsClosedRatherThanSentInCircles() throws Exception {
    try (TestSidecar sidecar = start(TCP);
        RawClient client = new RawClient(sidecar.port())) {
      assertTrue(client.closedWithin(5000));
      assertEquals(1, sidecar.stat("tcp.in.downstream_cx_total"));
    }
  }
}
