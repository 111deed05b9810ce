package dev.weir.sidecar.transparency;

import dev.weir.sidecar.testkit.TestSidecar;

/** Two sidecars in a row that relay what is not HTTP. */
final class TwoRelays implements AutoCloseable {
  private final TestSidecar callee;
  private final TestSidecar caller;

  TwoRelays(int app) {
    callee = start(app);
    caller = start(callee.port());
  }

  private static TestSidecar start(int to) {
    return TestSidecar.start(
        """
        static_resources:
          listeners:
          - name: in
            address: {socket_address: {address: 127.0.0.1, port_value: 0}}
            filter_chains:
            - filters:
              - name: tcp
                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: app}
          clusters:
          - name: app
            type: STATIC
            connect_timeout: 1s
            load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}
        """
            .formatted(to),
        1);
  }

  int port() {
    return caller.port();
  }

  @Override
  public void close() {
    caller.close();
    callee.close();
  }
}
