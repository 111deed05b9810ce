package dev.weir.sidecar.xds;

import static dev.weir.sidecar.xds.AdsResponses.send;
import static dev.weir.sidecar.xds.TestDynamicConfig.any;
import static dev.weir.sidecar.xds.TestDynamicConfig.cluster;
import static dev.weir.sidecar.xds.TestDynamicConfig.endpoints;
import static dev.weir.sidecar.xds.TestDynamicConfig.listener;
import static dev.weir.sidecar.xds.TestDynamicConfig.routes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What streams in while requests go on costs none of them. */
class LiveChangeTest {
  private final ByteArrayOutputStream complaints = new ByteArrayOutputStream();
  private TestUpstream even;
  private TestUpstream odd;
  private AdsTestServer server;
  private TestSidecar sidecar;
  private Conversation<DiscoveryRequest, DiscoveryResponse> stream;
  private int version;

  @BeforeEach
  void start() throws IOException {
    even = TestUpstream.replying("even");
    odd = TestUpstream.replying("odd");
    server = new AdsTestServer();
    sidecar =
        TestSidecar.start(
            AdsBootstrap.yaml(AdsBootstrap.SOTW, server.port()),
            1,
            Optional.empty(),
            new PrintStream(complaints, true, StandardCharsets.UTF_8));
    stream = server.sotw();
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    server.close();
    odd.close();
    even.close();
  }

  private void take(ResourceType type, Any... resources) {
    version++;
    send(stream, type, "v" + version, resources);
  }

  /** The cluster comes with its hosts and the other goes, all in one state. */
  @Test
  void routesThatMoveToAnotherClusterLoseNoRequest() throws Exception {
    take(ResourceType.CLUSTER, cluster("c0"));
    take(ResourceType.ENDPOINTS, endpoints("c0", even.port()));
    take(ResourceType.LISTENER, listener("in", "table", "0s"));
    take(ResourceType.ROUTE, routes("table", "c0"));
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
    BlockingQueue<Integer> refused = new LinkedBlockingQueue<>();
    AtomicBoolean over = new AtomicBoolean();
    Thread load = Thread.ofVirtual().start(() -> load(over, refused));
    try (RawClient client = new RawClient(sidecar.port())) {
      for (int step = 1; step <= 20; step++) {
        String next = "c" + step;
        String before = "c" + (step - 1);
        int port = (step % 2 == 0 ? even : odd).port();
        take(ResourceType.CLUSTER, cluster(before), cluster(next));
        // A listener to bind makes the change take its time.
        take(
            ResourceType.LISTENER,
            listener("in", "table", "0s"),
            listener("x" + step, "x" + step, "0s"));
        take(ResourceType.ROUTE, routes("table", next), routes("x" + step, next));
        if (step % 3 == 0) {
          take(ResourceType.CLUSTER, withHosts(next, port));
        } else {
          take(ResourceType.ENDPOINTS, endpoints(next, port));
        }
        String reply = step % 2 == 0 ? "even" : "odd";
        Await.until(() -> body(client).equals(reply));
      }
    } finally {
      over.set(true);
      load.join();
    }
    assertEquals(List.of(), List.copyOf(refused));
  }

  private void load(AtomicBoolean over, BlockingQueue<Integer> refused) {
    try (RawClient client = new RawClient(sidecar.port())) {
      while (!over.get()) {
        int status = client.get("/").status();
        if (status != 200) {
          refused.add(status);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Each is right by itself; only when they are joined it shows that the types are not the same.
   */
  @Test
  void aTableThatCannotBeCompiledLeavesItsListenerAsItWasAndTheOthersChange() throws Exception {
    take(ResourceType.CLUSTER, withHosts("even", even.port()), withHosts("odd", odd.port()));
    take(ResourceType.LISTENER, limited("in"), limited("other"));
    take(ResourceType.ROUTE, routes("in", "even"), routes("other", "even"));
    Await.until(() -> sidecar.sidecar().addresses().size() == 2);
    try (RawClient client = new RawClient(sidecar.port());
        RawClient other = new RawClient(sidecar.port("other"))) {
      assertEquals("even", body(client));

      take(ResourceType.ROUTE, mistyped("in", "limit"), routes("other", "odd"));
      Await.until(() -> body(other).equals("odd"));
      assertEquals("even", body(client));
      try (RawClient fresh = new RawClient(sidecar.port())) {
        assertEquals("even", body(fresh));
      }
      // What is right of a response is in force before it is told what is not.
      String refusal =
          "xds: refused route configuration \"in\": virtual_hosts[0].routes[0].typed_per_filter_config[\"limit\"]:"
              + " is a RateLimitConfig, but the filter \"limit\" of the listener has a LocalRateLimitConfig";
      Await.until(() -> complaints.toString(StandardCharsets.UTF_8).contains(refusal));

      take(ResourceType.ROUTE, routes("in", "odd"));
      Await.until(() -> body(client).equals("odd"));
    }
  }

  /** No filter of the listener has that name: it would be passed over. */
  @Test
  void whatARouteSaysForAFilterOfItsClusterMustBeOfThatFiltersType() throws Exception {
    take(ResourceType.CLUSTER, withBreaker("even", even.port()), withBreaker("odd", odd.port()));
    take(ResourceType.LISTENER, listener("in", "in", "0s"));
    take(ResourceType.ROUTE, routes("in", "even"));
    Await.until(() -> sidecar.sidecar().addresses().size() == 1);
    try (RawClient client = new RawClient(sidecar.port())) {
      assertEquals("even", body(client));
      take(ResourceType.ROUTE, mistyped("in", "breaker"));
      String refusal =
          "xds: refused route configuration \"in\": virtual_hosts[0].routes[0].typed_per_filter_config[\"breaker\"]:"
              + " is a RateLimitConfig, but the filter of that name of the cluster \"odd\" has a CircuitBreakerConfig";
      Await.until(() -> complaints.toString(StandardCharsets.UTF_8).contains(refusal));
      assertEquals("even", body(client));
    }
  }

  private static Any withBreaker(String name, int port) {
    return any(
        Cluster.getDefaultInstance(),
        """
        name: %1$s
        type: STATIC
        load_assignment:
          cluster_name: %1$s
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %2$d}}}}]}]
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http_protocol_options: {}}
            http_filters:
            - name: breaker
              typed_config: {"@type": type.googleapis.com/weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker, policy: shop/app, consecutive_failures: 3, open_for: 60s}
            - {name: codec, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec}}
        """
            .formatted(name, port));
  }

  /** Telemetry stands in listeners; what a policy of it says holds for open connections too. */
  @Test
  void aFilterOfTheListenerThatSaysSomethingElseDoesSoOnOpenConnections() throws Exception {
    take(ResourceType.CLUSTER, withHosts("even", even.port()));
    take(ResourceType.LISTENER, traced(0));
    take(ResourceType.ROUTE, routes("in", "even"));
    Await.until(() -> sidecar.sidecar().addresses().size() == 1);
    try (RawClient client = new RawClient(sidecar.port())) {
      assertEquals("even", body(client));
      assertTrue(even.take().getLast().field("traceparent").endsWith("-02"));
      take(ResourceType.LISTENER, traced(100));
      Await.until(() -> {
        body(client);
        return even.take().getLast().field("traceparent").endsWith("-03");
      });
    }
    assertEquals(1, even.connections());
  }

  private static Any traced(int percent) {
    return any(
        Listener.getDefaultInstance(),
        """
        name: in
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: in
              rds: {route_config_name: in, config_source: {ads: {}, resource_api_version: V3}}
              http_filters:
              - name: trace
                typed_config:
                  "@type": type.googleapis.com/weir.extensions.filters.http.trace_context.v1alpha1.TraceContext
                  propagate: [W3C]
                  sample: {numerator: %d}
              - name: router
                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
        """
            .formatted(percent));
  }

  /** Its configuration is acked all the same: the control plane does not send it again. */
  @Test
  void aListenerWhosePortIsInUseListensOnceItIsFree() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      take(ResourceType.CLUSTER, withHosts("even", even.port()));
      take(ResourceType.LISTENER, relay("in", other.getLocalPort(), "even"));
      Await.until(() -> complaints.toString(StandardCharsets.UTF_8).contains("the port is in use"));
    }
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
    try (RawClient client = new RawClient(sidecar.port())) {
      assertEquals("even", body(client));
    }
  }

  @Test
  void aListenerStaysWhereItIsUntilItsNewAddressIsFree() throws Exception {
    take(ResourceType.CLUSTER, withHosts("even", even.port()), withHosts("odd", odd.port()));
    take(ResourceType.LISTENER, relay("in", 0, "even"));
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
    int before = sidecar.port();
    int next;
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      next = other.getLocalPort();
      take(ResourceType.LISTENER, relay("in", next, "odd"));
      Await.until(
          () -> complaints.toString(StandardCharsets.UTF_8).contains("; until then, 127.0.0.1:"));
      try (RawClient client = new RawClient(before)) {
        assertEquals("odd", body(client));
      }
    }
    Await.until(() -> sidecar.port() == next);
    try (RawClient client = new RawClient(next)) {
      assertEquals("odd", body(client));
    }
    assertThrows(ConnectException.class, () -> new RawClient(before));
  }

  @Test
  void aClusterThatIsNotThereIsAnsweredAsTheRouteSays() throws Exception {
    take(ResourceType.CLUSTER, withHosts("even", even.port()));
    take(ResourceType.LISTENER, limited("in"));
    take(ResourceType.ROUTE, routes("in", "even"));
    Await.until(() -> sidecar.sidecar().addresses().size() == 1);
    for (String status : List.of("SERVICE_UNAVAILABLE 503", "NOT_FOUND 404")) {
      String[] word = status.split(" ");
      take(
          ResourceType.ROUTE,
          any(
              RouteConfiguration.getDefaultInstance(),
              "{name: in, virtual_hosts: [{name: all, domains: [\"*\"], routes: [{match: {prefix: /}, route: {cluster: gone, cluster_not_found_response_code: %s}}]}]}"
                  .formatted(word[0])));
      Await.until(() -> {
        try (RawClient client = new RawClient(sidecar.port())) {
          return client.get("/").status() == Integer.parseInt(word[1]);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }

  /** Where it was, it takes what is new: what it had before may be gone. */
  @Test
  void aListenerThatCannotMoveIsUpdatedWhereItIs() throws Exception {
    take(ResourceType.CLUSTER, withHosts("even", even.port()), withHosts("odd", odd.port()));
    take(ResourceType.LISTENER, relay("in", 0, "even"));
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
    int before = sidecar.port();
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      take(ResourceType.LISTENER, relay("in", other.getLocalPort(), "odd"));
      take(ResourceType.CLUSTER, withHosts("odd", odd.port()));
      Await.until(() -> {
        try (RawClient client = new RawClient(before)) {
          return body(client).equals("odd");
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }

  @Test
  void anAddressThatIsNotTheMachinesDoesNotCostTheOldOne() throws Exception {
    take(ResourceType.CLUSTER, withHosts("even", even.port()));
    take(ResourceType.LISTENER, relay("in", 0, "even"));
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
    int port = sidecar.port();
    take(ResourceType.LISTENER, relay("in", "203.0.113.1", port, "even"));
    Await.until(
        () -> complaints.toString(StandardCharsets.UTF_8).contains("is not this machine's"));
    try (RawClient client = new RawClient(port)) {
      assertEquals("even", body(client));
    }
  }

  @Test
  void listenersCanTakeEachOthersAddresses() throws Exception {
    take(ResourceType.CLUSTER, withHosts("even", even.port()), withHosts("odd", odd.port()));
    take(ResourceType.LISTENER, relay("in", 0, "even"), relay("other", 0, "odd"));
    Await.until(() -> sidecar.sidecar().addresses().size() == 2);
    int first = sidecar.port("in");
    int second = sidecar.port("other");
    take(ResourceType.LISTENER, relay("in", second, "even"), relay("other", first, "odd"));
    Await.until(() -> sidecar.sidecar().addresses().size() == 2 && sidecar.port("in") == second);
    try (RawClient client = new RawClient(first);
        RawClient other = new RawClient(second)) {
      assertEquals("odd", body(client));
      assertEquals("even", body(other));
    }
    assertFalse(complaints.toString(StandardCharsets.UTF_8).contains("listener"));
  }

  private static Any relay(String name, int port, String cluster) {
    return relay(name, "127.0.0.1", port, cluster);
  }

  private static Any relay(String name, String address, int port, String cluster) {
    return any(
        Listener.getDefaultInstance(),
        """
        name: %1$s
        address: {socket_address: {address: %4$s, port_value: %2$d}}
        filter_chains:
        - filters:
          - name: tcp
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
              stat_prefix: %1$s
              cluster: %3$s
        """
            .formatted(name, port, cluster, address));
  }

  private static Any withHosts(String name, int port) {
    return any(
        Cluster.getDefaultInstance(),
        """
        name: %1$s
        type: STATIC
        load_assignment:
          cluster_name: %1$s
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %2$d}}}}]}]
        """
            .formatted(name, port));
  }

  /** A listener with a filter {@code limit} that limits nothing; its routes have its name. */
  private static Any limited(String name) {
    return any(
        Listener.getDefaultInstance(),
        """
        name: %1$s
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: %1$s
              rds: {route_config_name: %1$s, config_source: {ads: {}, initial_fetch_timeout: 0s}}
              http_filters:
              - {name: limit, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit, stat_prefix: x}}
              - {name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
        """
            .formatted(name));
  }

  /** Gives the filter {@code limit} the configuration of another. */
  private static Any mistyped(String name, String filter) {
    return any(
        RouteConfiguration.getDefaultInstance(),
        """
        name: %s
        virtual_hosts:
        - name: all
          domains: ["*"]
          routes: [{match: {prefix: /}, route: {cluster: odd}}]
          typed_per_filter_config:
            %s: {"@type": type.googleapis.com/weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit}
        """
            .formatted(name, filter));
  }

  private static String body(RawClient client) {
    try {
      return client.get("/").body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
