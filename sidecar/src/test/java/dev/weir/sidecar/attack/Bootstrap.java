package dev.weir.sidecar.attack;

import dev.weir.testkit.TestCa;
import java.util.ArrayList;
import java.util.List;

/** What the attacked sidecar is configured with: an app, another beside it, and listeners. */
final class Bootstrap {
  /** In plain text. */
  static final String PLAIN = "plain";

  /** TLS for HTTP. */
  static final String TLS = "tls";

  /** TLS by a name alone, which is looked for in the hello before anything else. */
  static final String NAMED = "named";

  /** TLS whose clients must show a certificate. */
  static final String MUTUAL = "mutual";

  /** TLS of a relay, which is spoken by another engine. */
  static final String RELAY = "relay";

  static final String NAME = "known.test";

  private final int hostile;
  private final int good;
  private final List<String> listeners = new ArrayList<>();

  /**
   * @param hostile where the app is that all requests go to but those of /well
   * @param good where the app is that is beside it
   */
  Bootstrap(int hostile, int good) {
    this.hostile = hostile;
    this.good = good;
  }

  static Bootstrap plain(int hostile, int good) {
    return new Bootstrap(hostile, good).listener(PLAIN, "", http(""));
  }

  static Bootstrap tls(int hostile, int good, TestCa ca) {
    TestCa.Issued own = ca.issue(NAME);
    String match = "filter_chain_match: {server_names: [%s]}".formatted(NAME);
    String trusted = "validation_context: {trusted_ca: {filename: %s}}".formatted(ca.certificate());
    String inspector =
        "listener_filters: [{name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector}}]";
    return new Bootstrap(hostile, good)
        .listener(TLS, "", http(socket(own, "", "")))
        .listener(NAMED, inspector, http(match + "\n      " + socket(own, "", "")))
        .listener(
            MUTUAL, "", http(socket(own, ", " + trusted, ", require_client_certificate: true")))
        .listener(RELAY, "", relay(socket(own, "", "")));
  }

  private static String socket(TestCa.Issued own, String common, String context) {
    return "transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {alpn_protocols: [h2, http/1.1], tls_certificates: [{certificate_chain: {filename: %s}, private_key: {filename: %s}}]%s}%s}}"
        .formatted(own.chain(), own.key(), common, context);
  }

  private static String http(String chain) {
    return """
        - filters:
          - name: envoy.filters.network.http_connection_manager
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: in
              codec_type: AUTO
              route_config:
                virtual_hosts:
                - name: all
                  domains: ["*"]
                  routes:
                  - match: {prefix: "/well"}
                    route: {cluster: good}
                  - match: {prefix: "/"}
                    route: {cluster: hostile}
              http_filters:
              - name: envoy.filters.http.router
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
          %s
    """
        .formatted(chain);
  }

  private static String relay(String chain) {
    return """
        - filters:
          - name: tcp
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
              stat_prefix: relay
              cluster: hostile
          %s
    """
        .formatted(chain);
  }

  private Bootstrap listener(String name, String more, String chain) {
    listeners.add(
        """
          - name: %s
            address: {socket_address: {address: 127.0.0.1, port_value: 0}}
            %s
            filter_chains:
        %s\
        """
            .formatted(name, more, chain));
    return this;
  }

  String yaml() {
    return """
    static_resources:
      listeners:
    %s
      clusters:
      - name: hostile
        type: STATIC
        load_assignment:
          cluster_name: hostile
          endpoints:
          - lb_endpoints:
            - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
      - name: good
        type: STATIC
        load_assignment:
          cluster_name: good
          endpoints:
          - lb_endpoints:
            - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
    """
        .formatted(String.join("", listeners), hostile, good);
  }
}
