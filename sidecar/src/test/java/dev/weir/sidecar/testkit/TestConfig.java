package dev.weir.sidecar.testkit;

import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.bootstrap.BootstrapLoader;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.snapshot.CompileCheck;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;

/** Edits of {@link TestSidecar#yaml}: what an operator adds to a plain proxy. */
public final class TestConfig {
  private String manager = "";
  private String route = "";
  private String filters = "";
  private String cluster = "";
  private String chain = "";
  private String hedging = "";
  private String listener = "";
  private final int[] ports;

  private TestConfig(int... ports) {
    this.ports = ports;
  }

  /** Everything goes to one cluster with a host at each of {@code ports}. */
  public static TestConfig to(int... ports) {
    return new TestConfig(ports);
  }

  public static TestConfig to(TestUpstream... upstreams) {
    return to(java.util.Arrays.stream(upstreams).mapToInt(TestUpstream::port).toArray());
  }

  /** Lines of the connection manager. */
  public TestConfig manager(String yaml) {
    manager += yaml + "\n";
    return this;
  }

  /** Lines of the route action. */
  public TestConfig route(String yaml) {
    route += yaml + "\n";
    return this;
  }

  /** {@code yaml}, in braces, are the fields of a {@code Hedging} of the virtual host. */
  public TestConfig hedging(String yaml) {
    hedging =
        "typed_per_filter_config: {envoy.filters.http.router: {\"@type\": type.googleapis.com/weir.extensions.filters.http.router.v1alpha1.Hedging, %s}}\n"
            .formatted(yaml);
    return this;
  }

  /** An HTTP filter before the router; {@code type} without its prefix. */
  public TestConfig filter(String name, String type, String yaml) {
    filters +=
        "- {name: %s, typed_config: {\"@type\": type.googleapis.com/%s, %s}}\n"
            .formatted(name, type, yaml);
    return this;
  }

  /** Lines of the cluster. */
  public TestConfig cluster(String yaml) {
    cluster += yaml + "\n";
    return this;
  }

  /** {@code yaml}, in braces, are the fields of a circuit breaker of the cluster. */
  public TestConfig breaker(String yaml) {
    return cluster(
        """
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http_protocol_options: {}}
            http_filters:
            - name: weir.filters.http.circuit_breaker
              typed_config: {"@type": type.googleapis.com/weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker, policy: shop/app, %s}
            - {name: codec, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec}}\
        """
            .formatted(yaml));
  }

  /** A line of {@code format} for each request, at the end of {@code file}. */
  public TestConfig accessLog(java.nio.file.Path file, String format) {
    return manager(
        """
        access_log:
        - name: file
          typed_config:
            "@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog
            path: %s
            log_format: {text_format_source: {inline_string: "%s\\n"}}\
        """
            .formatted(file, format));
  }

  public TestConfig retryBudget(String yaml) {
    return cluster(
        """
        typed_extension_protocol_options:
          weir.upstreams.resilience:
            "@type": type.googleapis.com/weir.extensions.upstreams.v1alpha1.ResilienceOptions
            retry_budget: {%s}\
        """
            .formatted(yaml));
  }

  /** {@code own} as an entry of {@code tls_certificates}. */
  public static String certificate(TestCa.Issued own) {
    return "{certificate_chain: {filename: %s}, private_key: {filename: %s}}"
        .formatted(own.chain(), own.key());
  }

  /**
   * The listener speaks TLS.
   *
   * @param common fields of the {@code common_tls_context} beside the certificate
   * @param context fields of the {@code DownstreamTlsContext} beside that
   */
  public TestConfig downstreamTls(TestCa.Issued own, String common, String context) {
    chain =
        "transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {tls_certificates: [%s], %s}, %s}}\n"
            .formatted(certificate(own), common, context);
    return this;
  }

  /**
   * The cluster speaks TLS.
   *
   * @param common fields of the {@code common_tls_context}
   * @param context fields of the {@code UpstreamTlsContext} beside that
   */
  public TestConfig upstreamTls(String common, String context) {
    return cluster(
        "transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {%s}, %s}}"
            .formatted(common, context));
  }

  public TestConfig http2Upstream() {
    return cluster("http2_protocol_options: {}");
  }

  /** Of the listener, in bytes. */
  public TestConfig bufferLimit(int bytes) {
    return listener("per_connection_buffer_limit_bytes: " + bytes);
  }

  /** A line of the listener. */
  public TestConfig listener(String yaml) {
    listener += "    " + yaml + "\n";
    return this;
  }

  public String yaml() {
    String yaml = TestSidecar.yaml(ports[0], manager, route, filters, cluster);
    if (!chain.isEmpty()) {
      yaml = yaml.replace("    - filters:\n", "    - " + chain + "      filters:\n");
    }
    if (!hedging.isEmpty()) {
      yaml =
          yaml.replace(
              "            - name: app\n", "            - name: app\n              " + hedging);
    }
    String host = "- endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: ";
    for (int i = 1; i < ports.length; i++) {
      yaml = yaml.stripTrailing() + "\n        " + host + ports[i] + "}}}\n";
    }
    return yaml.replace("  - name: in\n", "  - name: in\n" + listener);
  }

  public TestSidecar start() {
    return start(1);
  }

  public TestSidecar start(int loops) {
    return TestSidecar.start(yaml(), loops);
  }

  /** The connection manager of this configuration, as the sidecar reads it. */
  public HttpConnectionManager manager() {
    return managerOf(yaml());
  }

  /** The connection manager of {@code yaml}, as the sidecar reads it. */
  public static HttpConnectionManager managerOf(String yaml) {
    Loaded loaded =
        new BootstrapLoader(FieldPolicy.REJECT, new CompileCheck()).read("test.yaml", yaml);
    if (!(loaded instanceof Loaded.Accepted accepted)) {
      throw new AssertionError(loaded.toString());
    }
    return (HttpConnectionManager)
        accepted.bootstrap().listeners().getFirst().filterChains().getFirst().filter();
  }
}
