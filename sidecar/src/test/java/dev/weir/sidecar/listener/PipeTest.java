package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import java.net.ConnectException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a listener listens: on a Unix socket, or nowhere. */
class PipeTest {
  @TempDir Path folder;

  private static String listener(String name, String address, String route) {
    return """
      - name: %s
        address: %s
        filter_chains:
        - filters:
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: %1$s
              route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, %s}]}]}
              http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
    """
        .formatted(name, address, route);
  }

  @Test
  void aUnixSocketIsListenedOnAndCalled() throws Exception {
    String pipe = "{pipe: {path: " + folder.resolve("app") + "}}";
    String yaml =
        "static_resources:\n  listeners:\n"
            + listener(
                "in",
                "{socket_address: {address: 127.0.0.1, port_value: 0}}",
                "route: {cluster: app}")
            + listener("app", pipe, "direct_response: {status: 200, body: {inline_string: piped}}")
            + "  clusters:\n  - {name: app, type: STATIC, load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: "
            + pipe
            + "}}]}]}}\n";
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1);
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals("piped", client.get("/").body());
    }
  }

  @Test
  void aListenerThatIsNotToBindTakesNoConnection() throws Exception {
    try (ClosedPort port = new ClosedPort()) {
      String yaml =
          "static_resources:\n  listeners:\n"
              + listener(
                      "virtual",
                      "{socket_address: {address: 127.0.0.1, port_value: %d}}"
                          .formatted(port.port()),
                      "direct_response: {status: 200}")
                  .replace("    filter_chains:", "    bind_to_port: false\n    filter_chains:");
      try (TestSidecar sidecar = TestSidecar.start(yaml, 1)) {
        assertThrows(ConnectException.class, () -> new RawClient(port.port()).close());
      }
    }
  }
}
