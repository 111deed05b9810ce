package dev.weir.sidecar.telemetry.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.telemetry.edge.Edge.Protocol;
import dev.weir.sidecar.telemetry.edge.Edge.Reporter;
import dev.weir.sidecar.telemetry.edge.Edge.Target;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Server;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sidecar says of the calls that went through it. */
class EdgesTest {
  private static final String OUTBOUND = "traffic_direction: OUTBOUND";
  private static final String INBOUND = "traffic_direction: INBOUND";
  private static final String INVENTORY =
      "metadata: {filter_metadata: {weir.service: {name: inventory, namespace: shop, port: 8080}}}";
  private static final Target OF_INVENTORY = new Target("inventory", "shop", 8080);
  private static final String NODE =
      "node: {id: cart-1, cluster: cart, metadata: {WEIR_SERVICE: cart, WEIR_NAMESPACE: shop}}\n";

  @TempDir Path folder;

  private static TestSidecar start(TestConfig config) {
    return TestSidecar.start(NODE + config.yaml(), 1);
  }

  /** Counted when the stream is over, which the client may know before us. */
  private static EdgeReading one(TestSidecar sidecar) {
    Await.until(() -> !sidecar.sidecar().edges().read().isEmpty());
    List<EdgeReading> all = sidecar.sidecar().edges().read();
    assertEquals(1, all.size(), all.toString());
    return all.getFirst();
  }

  private static TestUpstream app() throws Exception {
    return TestUpstream.start((request, out) -> TestUpstream.reply(out, 200, "answer"));
  }

  @Test
  void callsOfTheAppAreOfItsWorkloadToTheServiceOfTheCluster() throws Exception {
    try (TestUpstream app = app();
        TestSidecar sidecar = start(TestConfig.to(app).listener(OUTBOUND).cluster(INVENTORY));
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      client.read(false);
      client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
      client.read(false);
      Await.until(() -> one(sidecar).count() == 2);
      EdgeReading reading = one(sidecar);
      assertEquals(
          new Edge(
              Reporter.SOURCE,
              new Workload("cart", "shop"),
              OF_INVENTORY,
              Protocol.HTTP,
              "2xx",
              "",
              "",
              "",
              "",
              ""),
          reading.edge());
      assertEquals(3, reading.received());
      assertEquals(12, reading.sent());
      assertTrue(reading.durations().quantile(1) < 10);
    }
  }

  @Test
  void clusterOfWhichNobodySaysWhoseItIsGoesByItsName() throws Exception {
    try (TestUpstream app = app();
        TestSidecar sidecar = start(TestConfig.to(app).listener(OUTBOUND));
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      client.read(false);
      assertEquals(new Target("app", "", 0), one(sidecar).edge().destination());
    }
  }

  @Test
  void callersOfAListenerForOthersAreWhoTheyProveToBe() throws Exception {
    TestCa ca = TestCa.create(folder, "ca");
    try (TestUpstream app = app();
        TestSidecar sidecar =
            start(
                TestConfig.to(app)
                    .listener(INBOUND)
                    .cluster(INVENTORY)
                    .downstreamTls(
                        ca.issue("localhost", "spiffe://mesh/ns/shop/sa/inventory"),
                        "validation_context: {trusted_ca: {filename: %s}}"
                            .formatted(ca.certificate()),
                        ""));
        SSLSocket socket =
            (SSLSocket)
                ca.context(ca.issue("spiffe://mesh/ns/front/sa/web"))
                    .getSocketFactory()
                    .createSocket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      socket.getInputStream().readAllBytes();
      Edge edge = one(sidecar).edge();
      assertEquals(Reporter.DESTINATION, edge.reporter());
      assertEquals(new Workload("web", "front"), edge.source());
      assertEquals(OF_INVENTORY, edge.destination());
    }
  }

  @Test
  void callerInPlainTextIsUnknown() throws Exception {
    try (TestUpstream app = app();
        TestSidecar sidecar = start(TestConfig.to(app).listener(INBOUND));
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      client.read(false);
      assertEquals(Workload.UNKNOWN, one(sidecar).edge().source());
    }
  }

  @Test
  void refusalOfAPolicyIsOfTheServiceThatWasCalled() throws Exception {
    try (TestUpstream app = app();
        TestSidecar sidecar =
            start(
                TestConfig.to(app)
                    .listener(INBOUND)
                    .cluster(INVENTORY)
                    .filter(
                        "weir.filters.http.rate_limit",
                        "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit",
                        "limits: [{policy: shop/inventory, name: all, rate_per_second: 0.001, burst: 1}]"));
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertEquals(200, client.read(false).status());
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertEquals(429, client.read(false).status());
      Await.until(() -> sidecar.sidecar().edges().size() == 2);
      Edge refused =
          sidecar.sidecar().edges().read().stream()
              .map(EdgeReading::edge)
              .filter(each -> !each.cause().isEmpty())
              .findFirst()
              .orElseThrow();
      assertEquals("4xx", refused.responseClass());
      assertEquals("rate-limited", refused.cause());
      assertEquals("shop/inventory", refused.policy());
      assertEquals(OF_INVENTORY, refused.destination());
    }
  }

  @Test
  void whatAPolicyInShadowModeWouldHaveRefusedIsAnEdgeOfItsOwn() throws Exception {
    try (TestUpstream app = app();
        TestSidecar sidecar =
            start(
                TestConfig.to(app)
                    .listener(INBOUND)
                    .cluster(INVENTORY)
                    .filter(
                        "weir.filters.http.rate_limit",
                        "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit",
                        "limits: [{policy: shop/inventory, name: all, rate_per_second: 0.001, burst: 1, shadow: true}]"));
        RawClient client = new RawClient(sidecar.port())) {
      client.get("/");
      assertEquals(200, client.get("/").status());
      Await.until(() -> sidecar.sidecar().edges().size() == 2);
      Edge would =
          sidecar.sidecar().edges().read().stream()
              .map(EdgeReading::edge)
              .filter(each -> !each.shadowCause().isEmpty())
              .findFirst()
              .orElseThrow();
      assertEquals("2xx", would.responseClass());
      assertEquals("", would.cause());
      assertEquals("rate-limited", would.shadowCause());
      assertEquals("shop/inventory", would.shadowPolicy());
      try (RawClient admin = new RawClient(sidecar.adminPort())) {
        assertTrue(
            admin
                .get("/stats/prometheus")
                .body()
                .contains(
                    "response_class=\"2xx\",shadow_cause=\"rate-limited\","
                        + "shadow_policy=\"shop/inventory\"} 1\n"));
      }
    }
  }

  @Test
  void callOfGrpcIsCountedByTheStatusOfItsTrailers() throws Exception {
    try (RawHttp2Server upstream = new RawHttp2Server();
        TestSidecar sidecar =
            start(TestConfig.to(upstream.port()).http2Upstream().listener(OUTBOUND));
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client
          .headers(
              1,
              true,
              ":method",
              "POST",
              ":scheme",
              "http",
              ":path",
              "/a.B/C",
              ":authority",
              "a",
              "content-type",
              "application/grpc+proto",
              "te",
              "trailers")
          .flush();
      try (RawHttp2Client server = upstream.accept()) {
        server.head(3);
        server
            .headers(3, false, ":status", "200", "content-type", "application/grpc+proto")
            .headers(3, true, "grpc-status", "14")
            .flush();
        client.head(1);
        Edge edge = one(sidecar).edge();
        assertEquals(Protocol.GRPC, edge.protocol());
        assertEquals("2xx", edge.responseClass());
        assertEquals("14", edge.grpcStatus());
      }
    }
  }

  @Test
  void requestOfNoRouteIsToNobodyKnown() throws Exception {
    try (TestUpstream app = app();
        TestSidecar sidecar =
            TestSidecar.start(
                TestConfig.to(app).yaml().replace("prefix: \"/\"", "prefix: \"/only\""), 1);
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      assertEquals(404, client.read(false).status());
      Edge edge = one(sidecar).edge();
      assertEquals(Target.UNKNOWN, edge.destination());
      assertEquals("no-route", edge.cause());
    }
  }

  @Test
  void clientThatIsGoneBeforeTheAnswerHadNone() throws Exception {
    try (TestUpstream app = TestUpstream.start((request, out) -> true);
        TestSidecar sidecar = start(TestConfig.to(app))) {
      try (RawClient client = new RawClient(sidecar.port())) {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        Await.until(() -> sidecar.stat("cluster.app.upstream_rq_total") == 1);
      }
      assertEquals("none", one(sidecar).edge().responseClass());
    }
  }
}
