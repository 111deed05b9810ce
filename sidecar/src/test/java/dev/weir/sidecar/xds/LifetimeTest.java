package dev.weir.sidecar.xds;

import static dev.weir.sidecar.xds.AdsResponses.send;
import static dev.weir.sidecar.xds.TestDynamicConfig.any;
import static dev.weir.sidecar.xds.TestDynamicConfig.listener;
import static dev.weir.sidecar.xds.TestDynamicConfig.routes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What belongs to a part of the configuration ends with it, once nobody uses it any more. */
@Tag("slow")
class LifetimeTest {
  private TestUpstream app;
  private AdsTestServer server;
  private TestSidecar sidecar;
  private Conversation<DiscoveryRequest, DiscoveryResponse> stream;
  private int version;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("ok");
    server = new AdsTestServer();
    sidecar = TestSidecar.start(AdsBootstrap.yaml(AdsBootstrap.SOTW, server.port()), 2);
    stream = server.sotw();
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    server.close();
    app.close();
  }

  private void take(ResourceType type, Any... resources) {
    version++;
    send(stream, type, "v" + version, resources);
  }

  private Stats stats() {
    return sidecar.sidecar().stats();
  }

  private boolean has(String start) {
    return stats().read().stream().anyMatch(each -> each.name().text().startsWith(start));
  }

  private Any withHost(String name) {
    return Any.pack(hosted().toBuilder().setName(name).build());
  }

  private Cluster hosted() {
    try {
      return any(
              Cluster.getDefaultInstance(),
              """
              name: x
              type: STATIC
              load_assignment:
                cluster_name: x
                endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
              """
                  .formatted(app.port()))
          .unpack(Cluster.class);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void clustersThatComeAndGoLeaveNothing() throws Exception {
    take(ResourceType.CLUSTER, withHost("app"));
    take(ResourceType.LISTENER, listener("in", "table", "0s"));
    take(ResourceType.ROUTE, routes("table", "app"));
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
    try (RawClient client = new RawClient(sidecar.port());
        RawClient other = new RawClient(sidecar.port())) {
      for (int i = 0; i < 10; i++) {
        client.get("/");
        other.get("/");
      }
      assertEquals(20, sidecar.stat("cluster.app.upstream_rq_2xx"));
      int names = stats().count();
      int places = stats().placesTaken();
      Cluster prototype = hosted();
      for (int round = 0; round < 8; round++) {
        String prefix = "c" + round + "-";
        Any[] all =
            Stream.concat(
                    Stream.of(withHost("app")),
                    IntStream.range(0, 200)
                        .mapToObj(i -> Any.pack(prototype.toBuilder().setName(prefix + i).build())))
                .toArray(Any[]::new);
        take(ResourceType.CLUSTER, all);
        Await.until(() -> sidecar.sidecar().clusters().all().size() > 200);
        assertTrue(stats().count() > names + 200);
        take(ResourceType.CLUSTER, withHost("app"));
        Await.until(() -> sidecar.sidecar().clusters().all().size() < 200);
        Await.until(
            () -> stats().placesTaken() == places,
            () ->
                "%d statistics and %d places are left of %d and %d"
                    .formatted(stats().count(), stats().placesTaken(), names, places));
        assertEquals(names, stats().count());
      }
      client.get("/");
      Await.until(() -> sidecar.stat("cluster.app.upstream_rq_2xx") == 21);
      assertEquals(1, sidecar.stat("cluster.app.membership_total"));
      assertEquals(21, sidecar.stat("http.in.downstream_rq_2xx"));
    }
  }

  @Test
  void aClusterThatLeftIsCountedUntilItsLastRequestHasEnded() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    app.script((request, out) -> {
      await(answer);
      return TestUpstream.reply(out, 200, "late");
    });
    take(ResourceType.CLUSTER, withHost("old"));
    take(ResourceType.LISTENER, listener("in", "table", "0s"));
    take(ResourceType.ROUTE, routes("table", "old"));
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
      app.next();
      take(ResourceType.ROUTE, routes("table", "new"));
      take(ResourceType.CLUSTER, withHost("new"));
      Await.until(() -> !sidecar.sidecar().clusters().all().containsKey("old"));
      assertEquals(1, sidecar.stat("cluster.old.upstream_rq_active"));
      // It comes back while the one before drains: the same statistics, once.
      take(ResourceType.CLUSTER, withHost("new"), withHost("old"));
      Await.until(() -> sidecar.stat("cluster.old.membership_total") == 1);
      assertEquals(
          1,
          stats().read().stream()
              .filter(each -> each.name().text().equals("cluster.old.upstream_rq_total"))
              .count());
      answer.countDown();
      assertEquals("late", client.read(false).body());
      Await.until(() -> sidecar.stat("cluster.old.upstream_rq_active") == 0);
      Await.until(() -> sidecar.stat("cluster.old.upstream_cx_active") == 0);
      assertEquals(0, sidecar.stat("cluster.new.upstream_rq_completed"));
      take(ResourceType.CLUSTER, withHost("new"));
      Await.until(() -> !has("cluster.old."));
    }
  }

  @Test
  void aListenerAndItsChainsTakeTheirsAlong() throws Exception {
    take(ResourceType.CLUSTER, withHost("app"));
    take(ResourceType.LISTENER, listener("in", "table", "0s"));
    take(ResourceType.ROUTE, routes("table", "app"));
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
    int names = stats().count();
    int places = stats().placesTaken();
    for (int round = 0; round < 5; round++) {
      take(
          ResourceType.LISTENER,
          listener("in", "table", "0s"),
          listener("x" + round, "table", "0s"),
          limited("y" + round));
      String limited = "y" + round;
      Await.until(() -> sidecar.sidecar().addresses().containsKey(limited));
      try (RawClient client = new RawClient(sidecar.port("x" + round))) {
        client.get("/");
        assertTrue(has("listener.x" + round));
        assertTrue(has("http.x" + round));
        assertTrue(has(limited + ".http_local_rate_limit"));
        take(ResourceType.LISTENER, listener("in", "table", "0s"));
        Await.until(() -> sidecar.sidecar().addresses().size() == 1);
      }
      Await.until(() -> stats().placesTaken() == places);
      assertEquals(names, stats().count());
    }
  }

  /** A port in use is tried again and again. */
  @Test
  void aListenerThatCannotListenHoldsNoStatistics() throws Exception {
    try (java.net.ServerSocket used =
        new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
      take(ResourceType.CLUSTER, withHost("app"));
      take(ResourceType.LISTENER, relay("in", 0), relay("busy", used.getLocalPort()));
      Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
      assertTrue(has("listener.in."));
      Await.until(() -> !has("listener.busy.") && !has("tcp.busy.")); // between two attempts
    }
    Await.until(() -> has("tcp.busy."));
  }

  @Test
  void theAccessLogOfAListenerThatLeftHasTheLastLineAndIsClosed(@TempDir Path folder)
      throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    app.script((request, out) -> {
      await(answer);
      return TestUpstream.reply(out, 200, "late");
    });
    long writers = writers();
    Path log = folder.resolve("access.log");
    take(ResourceType.CLUSTER, withHost("app"));
    take(ResourceType.LISTENER, logged("in", log));
    Await.until(() -> sidecar.sidecar().addresses().containsKey("in"));
    assertEquals(writers + 1, writers());
    try (RawClient client = new RawClient(sidecar.port())) {
      client.send("GET /slow HTTP/1.1\r\nhost: a\r\n\r\n");
      app.next();
      take(ResourceType.LISTENER, relay("other", 0));
      Await.until(() -> sidecar.sidecar().addresses().keySet().equals(Set.of("other")));
      Await.until(() -> writers() == writers);
      answer.countDown();
      assertEquals("late", client.read(false).body());
      Await.until(() -> lines(log).equals(List.of("/slow 200")));
      Await.until(() -> writers() == writers);
    }
  }

  private static long writers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("access-log"))
        .count();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Any relay(String name, int port) {
    return any(
        Listener.getDefaultInstance(),
        """
        name: %1$s
        address: {socket_address: {address: 127.0.0.1, port_value: %2$d}}
        filter_chains:
        - filters:
          - name: tcp
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
              stat_prefix: %1$s
              cluster: app
        """
            .formatted(name, port));
  }

  private static Any limited(String name) {
    return http(
        name,
        "",
        "{name: limit, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit, stat_prefix: "
            + name
            + "}},");
  }

  private static Any logged(String name, Path file) {
    return http(
        name,
        "access_log: [{name: file, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: "
            + file
            + ", log_format: {text_format_source: {inline_string: \"%REQ(:PATH)% %RESPONSE_CODE%\\n\"}}}}]",
        "");
  }

  private static Any http(String name, String manager, String filters) {
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
              %2$s
              route_config:
                virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: app}}]}]
              http_filters: [%3$s {name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
        """
            .formatted(name, manager, filters));
  }
}
