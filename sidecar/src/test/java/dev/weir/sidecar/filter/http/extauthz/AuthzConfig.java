package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;

/** A plain proxy that asks a server at a port, by a cluster called {@code authz}. */
final class AuthzConfig {
  static final String FILTER = "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz";
  static final String PER_ROUTE =
      "\"@type\": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute";

  private AuthzConfig() {}

  /**
   * @param more fields of the filter
   */
  static TestConfig grpc(TestConfig config, String more) {
    return config.filter(
        "authz",
        FILTER,
        "transport_api_version: V3, grpc_service: {envoy_grpc: {cluster_name: authz, authority: authz.test}, timeout: 5s}"
            + (more.isEmpty() ? "" : ", " + more));
  }

  /**
   * @param service fields of the {@code http_service}
   * @param more fields of the filter
   */
  static TestConfig http(TestConfig config, String service, String more) {
    return config.filter(
        "authz",
        FILTER,
        "http_service: {server_uri: {uri: 'http://authz.test', cluster: authz, timeout: 5s}"
            + (service.isEmpty() ? "" : ", " + service)
            + "}"
            + (more.isEmpty() ? "" : ", " + more));
  }

  /** With that cluster. */
  static String yaml(TestConfig config, int port, boolean http2) {
    return config.yaml().stripTrailing()
        + """

          - name: authz
            type: STATIC
            connect_timeout: 1s
            %s
            load_assignment:
              cluster_name: authz
              endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
        """
            .formatted(http2 ? "http2_protocol_options: {}" : "", port)
            .indent(0);
  }

  static TestSidecar start(TestConfig config, int port, boolean http2) {
    return TestSidecar.start(yaml(config, port, http2), 2);
  }
}
