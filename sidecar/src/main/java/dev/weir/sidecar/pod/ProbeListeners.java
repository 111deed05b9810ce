package dev.weir.sidecar.pod;

import static dev.weir.sidecar.bootstrap.BootstrapText.quoted;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Where the kubelet asks: one listener for HTTP, which answers {@code /ready} and the app's probes
 * by their names, and one for each port that is probed by gRPC. Nothing else of the app is to be
 * had there. They are listeners of a bootstrap, in Envoy's words.
 */
final class ProbeListeners {
  private static final String TYPE = "type.googleapis.com/envoy.extensions.";
  private static final String HEALTH = "/grpc.health.v1.Health/Check";

  private final int port;
  private final List<Probe.Http> http = new ArrayList<>();
  private final SortedMap<Integer, Integer> grpc = new TreeMap<>();

  /**
   * @param port where it is asked by HTTP
   */
  ProbeListeners(int port, List<Probe> probes) {
    this.port = port;
    for (Probe probe : probes) {
      switch (probe) {
        case Probe.Http one -> http.add(one);
        case Probe.Grpc one -> grpc.put(one.at(), one.port());
      }
    }
  }

  /** Below {@code static_resources.listeners}. */
  String listeners() {
    List<String> routes = new ArrayList<>();
    routes.add("{match: {path: /ready}, route: {cluster: admin, timeout: 5s}}");
    for (Probe.Http probe : http) {
      routes.add(
          "{match: {path: %s, headers: [{name: ':method', string_match: {exact: GET}}]}, route: {cluster: %s, timeout: 0s, regex_rewrite: {pattern: {regex:"
                  .formatted(quoted("/probe/" + probe.name()), cluster(probe))
              + " \"^.*$\"}, substitution: %s}}}".formatted(quoted(literal(probe.path()))));
    }
    StringBuilder text = new StringBuilder(listener("status", port, routes));
    grpc.forEach((at, app) ->
        text.append(
            listener(
                "probe-" + at,
                at,
                List.of(
                    "{match: {path: %s}, route: {cluster: probe-grpc-%d, timeout: 0s}}"
                        .formatted(HEALTH, app)))));
    return text.toString();
  }

  /** A backslash would begin a reference to a group. */
  private static String literal(String path) {
    return path.replace("\\", "\\\\");
  }

  private static String cluster(Probe.Http probe) {
    return (probe.tls() ? "probe-https-" : "probe-http-") + probe.port();
  }

  private static String listener(String name, int port, List<String> routes) {
    return """
      - name: %s
        address: {socket_address: {address: 0.0.0.0, port_value: %d}}
        filter_chains:
        - filters:
          - name: http
            typed_config:
              "@type": %sfilters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: %s
              codec_type: AUTO
              http_filters: [{name: envoy.filters.http.router, typed_config: {"@type": %sfilters.http.router.v3.Router, suppress_envoy_headers: true}}]
              route_config:
                virtual_hosts:
                - name: %s
                  domains: ["*"]
                  routes:
    %s
    """
        .formatted(
            name,
            port,
            TYPE,
            name,
            TYPE,
            name,
            String.join("\n", routes.stream().map(route -> "              - " + route).toList()));
  }

  /** Below {@code static_resources.clusters}. */
  String clusters() {
    StringBuilder text = new StringBuilder(cluster("admin", 15000, ""));
    SortedSet<String> made = new TreeSet<>();
    for (Probe.Http probe : http) {
      if (made.add(cluster(probe))) {
        text.append(cluster(cluster(probe), probe.port(), probe.tls() ? tls() : ""));
      }
    }
    for (int app : new TreeSet<>(grpc.values())) {
      text.append(cluster("probe-grpc-" + app, app, http2()));
    }
    return text.toString();
  }

  private static String cluster(String name, int port, String more) {
    return """
      - name: %s
        type: STATIC
        connect_timeout: 1s
        load_assignment:
          cluster_name: %s
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
    """
            .formatted(name, name, port)
        + more;
  }

  /** The kubelet does not look at the certificate either. */
  private static String tls() {
    return """
        transport_socket: {name: tls, typed_config: {"@type": %stransport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {}}}
    """
        .formatted(TYPE);
  }

  private static String http2() {
    return """
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {"@type": %supstreams.http.v3.HttpProtocolOptions, explicit_http_config: {http2_protocol_options: {}}}
    """
        .formatted(TYPE);
  }
}
