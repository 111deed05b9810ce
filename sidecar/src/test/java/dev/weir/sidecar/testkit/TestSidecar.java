package dev.weir.sidecar.testkit;

import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.Sidecar;
import dev.weir.sidecar.bootstrap.BootstrapLoader;
import dev.weir.sidecar.bootstrap.Loaded;
import dev.weir.sidecar.log.LogOptions;
import dev.weir.sidecar.log.Logs;
import dev.weir.sidecar.metrics.MetricsOptions;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.snapshot.CompileCheck;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The real sidecar from the YAML an operator would write; ports are 0. */
public final class TestSidecar implements AutoCloseable {
  private final Sidecar sidecar;
  private final Logs logs;
  private long expectedIncidents;

  private TestSidecar(Sidecar sidecar, Logs logs) {
    this.sidecar = sidecar;
    this.logs = logs;
  }

  public static TestSidecar start(String yaml, int loops) {
    return start(yaml, loops, Optional.empty(), System.err);
  }

  /**
   * @param lastGood where the last good configuration is kept
   * @param complaints where it says what goes wrong
   */
  public static TestSidecar start(
      String yaml, int loops, Optional<Path> lastGood, PrintStream complaints) {
    return start(yaml, loops, lastGood, complaints, FieldPolicy.REJECT);
  }

  /**
   * @param policy what becomes of fields that are not honoured
   */
  public static TestSidecar start(
      String yaml, int loops, Optional<Path> lastGood, PrintStream complaints, FieldPolicy policy) {
    Loaded loaded = new BootstrapLoader(policy, new CompileCheck()).read("test.yaml", yaml);
    if (!(loaded instanceof Loaded.Accepted accepted)) {
      throw new AssertionError(loaded.toString());
    }
    return start(accepted, loops, lastGood, complaints, policy, MetricsOptions.DEFAULT);
  }

  /** One loop, and metrics as an operator would say. */
  public static TestSidecar start(String yaml, MetricsOptions metrics) {
    Loaded loaded =
        new BootstrapLoader(FieldPolicy.REJECT, new CompileCheck()).read("test.yaml", yaml);
    if (!(loaded instanceof Loaded.Accepted accepted)) {
      throw new AssertionError(loaded.toString());
    }
    return start(accepted, 1, Optional.empty(), System.err, FieldPolicy.REJECT, metrics);
  }

  private static TestSidecar start(
      Loaded.Accepted accepted,
      int loops,
      Optional<Path> lastGood,
      PrintStream complaints,
      FieldPolicy policy,
      MetricsOptions metrics) {
    Logs logs = new Logs("weir sidecar", LogOptions.standard(), System.out, complaints);
    Sidecar sidecar = new Sidecar(accepted, loops, true, Optional.empty(), metrics, logs);
    List<String> problems =
        sidecar.start(accepted, new ResourceParser(policy, (resource, fields) -> {}), lastGood);
    if (!problems.isEmpty()) {
      sidecar.close();
      logs.close();
      throw new AssertionError(problems.toString());
    }
    return new TestSidecar(sidecar, logs);
  }

  /**
   * A bootstrap of a TCP proxy {@code in} to a cluster {@code app} with a host at each of {@code
   * ports}, {@code proxy} merged into it.
   */
  public static String relayYaml(String proxy, int... ports) {
    StringBuilder hosts = new StringBuilder();
    for (int port : ports) {
      hosts.append(
          "{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}},"
              .formatted(port));
    }
    return """
    admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
    static_resources:
      listeners:
      - name: in
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: tcp
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
              stat_prefix: in
              cluster: app
    %s
      clusters:
      - name: app
        type: STATIC
        connect_timeout: 1s
        load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [%s]}]}
    """
        .formatted(indent(proxy, 10), hosts);
  }

  /**
   * One listener {@code in}, one route to one cluster {@code app} at {@code upstreamPort}; the rest
   * is YAML to merge in.
   */
  public static String yaml(
      int upstreamPort, String manager, String route, String filters, String cluster) {
    return """
    admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
    static_resources:
      listeners:
      - name: in
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: envoy.filters.network.http_connection_manager
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: in
              generate_request_id: false
    %s
              route_config:
                virtual_hosts:
                - name: app
                  domains: ["*"]
                  routes:
                  - match: {prefix: "/"}
                    route:
                      cluster: app
    %s
              http_filters:
    %s
              - name: envoy.filters.http.router
                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
      clusters:
      - name: app
        type: STATIC
        connect_timeout: 1s
    %s
        load_assignment:
          cluster_name: app
          endpoints:
          - lb_endpoints:
            - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}
    """
        .formatted(
            indent(manager, 10),
            indent(route, 18),
            indent(filters, 10),
            indent(cluster, 4),
            upstreamPort);
  }

  private static String indent(String text, int by) {
    return text.isEmpty() ? "" : text.stripTrailing().indent(by).stripTrailing();
  }

  /** Of the listener {@code in}. */
  public int port() {
    return port("in");
  }

  public int port(String listener) {
    return ((InetSocketAddress) java.util.Objects.requireNonNull(sidecar.addresses().get(listener)))
        .getPort();
  }

  public int adminPort() {
    return ((InetSocketAddress) sidecar.adminAddress().orElseThrow()).getPort();
  }

  public int metricsPort() {
    return ((InetSocketAddress) sidecar.metricsAddress().orElseThrow()).getPort();
  }

  /** As SIGTERM does. */
  public void drain() {
    sidecar.drain(java.time.Duration.ofSeconds(5));
  }

  /** The test makes as many mistakes happen. */
  public void expectIncidents(long count) {
    expectedIncidents = count;
  }

  public Sidecar sidecar() {
    return sidecar;
  }

  /** The statistic called {@code name}, as {@code /stats} prints it. */
  public long stat(String name) {
    return sidecar.stats().read().stream()
        .filter(reading -> reading.name().text().equals(name))
        .mapToLong(reading -> reading.value())
        .sum();
  }

  @Override
  public void close() {
    sidecar.close();
    logs.close();
    if (sidecar.incidents().count() > expectedIncidents) {
      IncidentGuard.add(sidecar.incidents().count() + " incidents in the sidecar; it says which");
    }
  }
}
