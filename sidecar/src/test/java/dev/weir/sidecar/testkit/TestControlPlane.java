package dev.weir.sidecar.testkit;

import dev.weir.control.ControlPlane;
import dev.weir.control.Settings;
import dev.weir.testkit.ClosedPort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/**
 * Weir's control plane over a folder with one service, shop/inventory, whose one instance is at the
 * test's port of 127.0.0.1.
 */
public final class TestControlPlane implements AutoCloseable {
  /** The node that {@link #bootstrap} makes a sidecar of. */
  public static final String NODE = "inventory-1";

  private final Path folder;
  private final ClosedPort port = new ClosedPort();
  private ControlPlane running;
  private boolean stopped;

  public TestControlPlane(Path folder, int app) throws IOException {
    this.folder = folder;
    write("service", service(app));
    running = start();
  }

  /** The service, its instance at {@code app}. */
  public static String service(int app) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: inventory, namespace: shop}
    spec: {selector: {app: inventory}, ports: [{name: http, port: 8080, targetPort: %1$d}]}
    ---
    apiVersion: v1
    kind: Endpoints
    metadata: {name: inventory, namespace: shop}
    subsets: [{addresses: [{ip: 127.0.0.1}], ports: [{name: http, port: %1$d}]}]
    """
        .formatted(app);
  }

  /**
   * Another service.
   *
   * @param address its virtual one
   * @param protocol of its port {@code number}: {@code grpc}, {@code http}, {@code tcp}
   * @param at the port of 127.0.0.1 of its one instance
   */
  public static String service(String name, String address, String protocol, int number, int at) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s, namespace: shop}
    spec: {clusterIP: %2$s, ports: [{name: %3$s, port: %4$d}]}
    ---
    apiVersion: v1
    kind: Endpoints
    metadata: {name: %1$s, namespace: shop}
    subsets: [{addresses: [{ip: 127.0.0.1}], ports: [{name: %3$s, port: %5$d}]}]
    ---
    """
        .formatted(name, address, protocol, number, at);
  }

  private ControlPlane start() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    return new ControlPlane(
        new Settings(
            Optional.of(folder),
            Optional.empty(),
            new InetSocketAddress(loopback, port.port()),
            new InetSocketAddress(loopback, 0),
            Optional.empty(),
            Duration.ofMillis(20),
            Duration.ofSeconds(1),
            Duration.ofSeconds(25),
            Duration.ZERO,
            Duration.ofSeconds(5),
            Optional.empty(),
            Optional.empty()),
        Clock.systemUTC(),
        linked -> linked.findings().forEach(System.err::println),
        System.err::println,
        mistake -> {
          throw new AssertionError(mistake);
        });
  }

  /** Writes a policy of the service, in a file of its own, whole. */
  public void policy(String kind, String fields) throws IOException {
    write(
        kind,
        """
        apiVersion: weir.dev/v1alpha1
        kind: %s
        metadata: {name: inventory, namespace: shop}
        spec: {targetRefs: [{group: "", kind: Service, name: inventory}], %s}
        """
            .formatted(kind, fields));
  }

  /** Writes a file of the folder, whole; {@code service} has the service and its instance. */
  public void write(String file, String yaml) throws IOException {
    Path beside = Files.writeString(folder.resolve("." + file), yaml);
    Files.move(beside, folder.resolve(file + ".yaml"), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The program itself. */
  public ControlPlane running() {
    return running;
  }

  /** Ends it; what it has in its folder stays. */
  public void stop() throws IOException {
    stopped = true;
    running.close();
  }

  /** After {@link #stop}, on the same port. */
  public void startAgain() throws IOException {
    running = start();
    stopped = false;
  }

  /**
   * Of a sidecar beside the instance. Nothing redirects traffic to it here, so it has two listeners
   * of its own: {@code in} takes the routes of what comes in, {@code out} of what goes out.
   */
  public String bootstrap() {
    return """
    node:
      id: %s
      cluster: inventory
      metadata: {WEIR_SERVICE: inventory, WEIR_NAMESPACE: shop, WEIR_ADDRESS: 127.0.0.1, WEIR_MARK: 0, WEIR_INBOUND_PORT: 0, WEIR_OUTBOUND_PORT: 0}
      extensions:
      - {name: a, type_urls: [type.googleapis.com/weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker]}
      - {name: b, type_urls: [type.googleapis.com/weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit]}
      - {name: c, type_urls: [type.googleapis.com/weir.extensions.upstreams.v1alpha1.ResilienceOptions]}
      - {name: d, type_urls: [type.googleapis.com/weir.extensions.filters.http.bulkhead.v1alpha1.Bulkhead]}
    admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
    %s  lds_config: {ads: {}, resource_api_version: V3}
      cds_config: {ads: {}, resource_api_version: V3}
    static_resources:
      listeners:
    %s%s
      clusters:
    %s\
    """
        .formatted(
            NODE,
            AdsBootstrap.dynamicResources(AdsBootstrap.DELTA),
            listener("in", "inbound"),
            listener("out", "outbound"),
            AdsBootstrap.cluster(port.port()));
  }

  private static String listener(String name, String routes) {
    return """
      - name: %1$s
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: %1$s
              rds: {config_source: {ads: {}, resource_api_version: V3}, route_config_name: "%2$s|8080|shop/inventory"}
              http_filters:
              - {name: weir.filters.http.bulkhead, typed_config: {"@type": type.googleapis.com/weir.extensions.filters.http.bulkhead.v1alpha1.Bulkhead}}
              - {name: weir.filters.http.rate_limit, typed_config: {"@type": type.googleapis.com/weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit}}
              - {name: envoy.filters.http.router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
    """
        .formatted(name, routes)
        .indent(2);
  }

  @Override
  public void close() throws IOException {
    if (!stopped) {
      running.close();
    }
    port.close();
  }
}
