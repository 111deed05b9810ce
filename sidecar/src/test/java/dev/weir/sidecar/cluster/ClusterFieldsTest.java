package dev.weir.sidecar.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a cluster's connections are made and kept, field by field. */
class ClusterFieldsTest {
  @Test
  void statisticsHaveTheClustersOtherName() throws IOException {
    try (TestUpstream app = TestUpstream.replying("hello");
        TestSidecar sidecar = TestConfig.to(app).cluster("alt_stat_name: other").start();
        RawClient client = new RawClient(sidecar.port())) {
      client.get("/");
      assertEquals(1, sidecar.stat("cluster.other.upstream_rq_total"));
    }
  }

  @Test
  void aConnectionHasAsManyRequestsAsItMay() throws IOException {
    try (TestUpstream app = TestUpstream.replying("hello");
        TestSidecar sidecar = TestConfig.to(app).cluster("max_requests_per_connection: 2").start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 6; i++) {
        client.get("/");
      }
      assertEquals(3, app.connections());
    }
  }

  @Test
  void theVersionIsTheClientsWhereTheClusterFollowsIt() throws IOException {
    try (TestUpstream app = TestUpstream.replying("hello");
        TestSidecar callee = TestConfig.to(app).manager("codec_type: HTTP1").start();
        TestSidecar caller =
            TestConfig.to(callee.port())
                .cluster("protocol_selection: USE_DOWNSTREAM_PROTOCOL")
                .cluster("http2_protocol_options: {}\nhttp_protocol_options: {}")
                .start();
        RawClient client = new RawClient(caller.port())) {
      assertEquals(200, client.get("/").status());
    }
  }

  @Test
  void aConnectionComesFromTheConfiguredAddress() throws IOException {
    try (ServerSocket app = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TestSidecar sidecar =
            TestConfig.to(app.getLocalPort())
                .cluster(
                    "upstream_bind_config: {source_address: {address: 127.0.0.5, port_value: 0}}")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      try (Socket accepted = app.accept()) {
        assertEquals("127.0.0.5", accepted.getInetAddress().getHostAddress());
      }
    }
  }

  @Test
  void aPolicyThatChoosesAtRandomTakesNoTurns() throws IOException {
    String random =
        """
        load_balancing_policy:
          policies:
          - typed_extension_config:
              name: random
              typed_config: {"@type": type.googleapis.com/envoy.extensions.load_balancing_policies.random.v3.Random}\
        """;
    try (TestUpstream first = TestUpstream.replying("first");
        TestUpstream second = TestUpstream.replying("second");
        TestSidecar sidecar = TestConfig.to(first, second).cluster(random).start();
        RawClient client = new RawClient(sidecar.port())) {
      int inARow = 0;
      String last = "";
      for (int i = 0; i < 60; i++) {
        String next = client.get("/").body();
        inARow += next.equals(last) ? 1 : 0;
        last = next;
      }
      assertTrue(inARow > 0, "60 turns");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lb_policy: LEAST_REQUEST\nleast_request_lb_config: {choice_count: 60}",
        "load_balancing_policy: {policies: [{typed_extension_config: {name: least, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest, choice_count: 60}}}]}"
      })
  void theLeastBusyOfManyChoicesIsTheIdleHost(String policy) throws IOException {
    CountDownLatch answered = new CountDownLatch(1);
    try (TestUpstream busy =
            TestUpstream.start((request, out) -> {
              Await.until(() -> answered.getCount() == 0);
              return TestUpstream.reply(out, 200, "busy");
            });
        TestUpstream idle = TestUpstream.replying("idle");
        TestSidecar sidecar = TestConfig.to(busy, idle).cluster(policy).start();
        RawClient client = new RawClient(sidecar.port())) {
      List<RawClient> waiting = new ArrayList<>();
      try {
        Await.until(() -> {
          waiting.add(asking(sidecar));
          return !busy.all().isEmpty();
        });
        Await.until( // those for the idle one have their answers
            () ->
                idle.all().size() + busy.all().size() == waiting.size()
                    && sidecar.stat("cluster.app.upstream_rq_active") == busy.all().size());
        for (int i = 0; i < 40; i++) {
          assertEquals("idle", client.get("/").body());
        }
      } finally {
        answered.countDown();
        for (RawClient each : waiting) {
          each.close();
        }
      }
    }
  }

  private static RawClient asking(TestSidecar sidecar) {
    try {
      return new RawClient(sidecar.port()).send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aConnectionIsKeptAliveAsConfigured() throws IOException {
    withConnection("", port -> assertEquals(0, keepAliveSeconds(port)));
    withConnection(
        "upstream_connection_options: {tcp_keepalive: {keepalive_time: 100}}",
        port -> {
          Await.until(() -> keepAliveSeconds(port) > 0); // once no other timer runs
          long left = keepAliveSeconds(port);
          assertTrue(left > 0 && left <= 100, left + " s");
        });
  }

  private static void withConnection(String cluster, IntConsumer ofSidecarsPort)
      throws IOException {
    try (ServerSocket app = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TestSidecar sidecar = TestConfig.to(app.getLocalPort()).cluster(cluster).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      try (Socket accepted = app.accept()) {
        ofSidecarsPort.accept(((InetSocketAddress) accepted.getRemoteSocketAddress()).getPort());
      }
    }
  }

  /** Until the first probe of the connection from {@code port}, as the kernel says; 0 for none. */
  private static long keepAliveSeconds(int port) {
    try {
      List<String> sockets = new ArrayList<>(Files.readAllLines(Path.of("/proc/net/tcp")));
      sockets.addAll(Files.readAllLines(Path.of("/proc/net/tcp6")));
      for (String line : sockets) {
        String[] parts = line.strip().split(" +");
        if (parts[1].endsWith(":%04X".formatted(port)) && parts[3].equals("01")) {
          String[] timer = parts[5].split(":");
          return timer[0].equals("02") ? Long.parseLong(timer[1], 16) / 100 : 0;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new AssertionError("no connection from " + port);
  }
}
