package dev.weir.sidecar.telemetry.summary;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Duration;
import dev.weir.protos.service.telemetry.v1alpha1.BreakerChange;
import dev.weir.protos.service.telemetry.v1alpha1.Edge;
import dev.weir.protos.service.telemetry.v1alpha1.EdgeSummary;
import dev.weir.protos.service.telemetry.v1alpha1.SummaryRequest;
import dev.weir.protos.service.telemetry.v1alpha1.TrafficSummary;
import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A sidecar tells its control plane of its traffic. */
@Tag("slow")
class SummariesTest {
  private static final String CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String TO_INVENTORY =
      "metadata: {filter_metadata: {weir.service: {name: inventory, namespace: shop, port: 8080}}}";

  private AdsTestServer controlPlane;
  private TestUpstream app;
  private final AtomicInteger status = new AtomicInteger(200);

  @SuppressWarnings("NullAway.Init")
  SummariesTest() {}

  @BeforeEach
  void start() throws Exception {
    controlPlane = new AdsTestServer();
    app = TestUpstream.start((request, out) -> TestUpstream.reply(out, status.get(), "answer"));
  }

  @AfterEach
  void stop() throws Exception {
    app.close();
    controlPlane.close();
  }

  private TestSidecar sidecar(String cluster) {
    String config =
        TestConfig.to(app)
            .listener("traffic_direction: OUTBOUND")
            .cluster(TO_INVENTORY)
            .cluster(cluster)
            .yaml();
    return sidecarOf(config);
  }

  private TestSidecar sidecarOf(String config) {
    return TestSidecar.start(
        "node: {id: cart-1, cluster: cart, metadata: {WEIR_SERVICE: cart, WEIR_NAMESPACE: shop}}\n"
            + AdsBootstrap.dynamicResources(AdsBootstrap.DELTA)
            + "  cds_config: {ads: {}}\n"
            + config.replace(
                "  clusters:\n", "  clusters:\n" + AdsBootstrap.cluster(controlPlane.port())),
        2);
  }

  /** Answers the first request of the next ADS stream. */
  private Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> serve(String identifier) {
    Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> ads = controlPlane.delta();
    ads.next();
    ads.send(
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(CLUSTER)
            .setNonce("1")
            .setControlPlane(ControlPlane.newBuilder().setIdentifier(identifier))
            .build());
    return ads;
  }

  private static void want(Conversation<TrafficSummary, SummaryRequest> stream) {
    stream.send(
        SummaryRequest.newBuilder().setInterval(Duration.newBuilder().setSeconds(1)).build());
  }

  private static void call(TestSidecar sidecar, int times) throws Exception {
    try (RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < times; i++) {
        client.send(GET).read(false);
      }
    }
  }

  private static long count(EdgeSummary edge) {
    return edge.getCountsList().stream().mapToLong(Long::longValue).sum();
  }

  /** Those that come, for a while. */
  private static Stream<TrafficSummary> summaries(
      Conversation<TrafficSummary, SummaryRequest> stream) {
    return Stream.generate(stream::next).limit(10);
  }

  /** The next one that has something to tell. */
  private static TrafficSummary telling(Conversation<TrafficSummary, SummaryRequest> stream) {
    return summaries(stream)
        .filter(summary -> summary.getEdgesCount() > 0)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatAPolicyInShadowModeWouldHaveRefusedIsTold() throws Exception {
    try (TestSidecar sidecar =
        sidecarOf(
            TestConfig.to(app)
                .listener("traffic_direction: OUTBOUND")
                .cluster(TO_INVENTORY)
                .filter(
                    "weir.filters.http.rate_limit",
                    "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit",
                    "limits: [{policy: shop/cart, name: all, rate_per_second: 0.001, burst: 1, shadow: true}]")
                .yaml())) {
      serve("weir");
      Conversation<TrafficSummary, SummaryRequest> stream = controlPlane.summaries();
      stream.next();
      want(stream);
      call(sidecar, 3);
      EdgeSummary would =
          summaries(stream)
              .flatMap(summary -> summary.getEdgesList().stream())
              .filter(each -> !each.getEdge().getShadowCause().isEmpty())
              .findFirst()
              .orElseThrow();
      assertEquals(2, count(would));
      assertEquals("rate-limited", would.getEdge().getShadowCause());
      assertEquals("shop/cart", would.getEdge().getShadowPolicy());
      assertEquals("", would.getEdge().getCause());
    }
  }

  @Test
  void edgeIsNamedOnceAndThenGoesByItsNumber() throws Exception {
    try (TestSidecar sidecar = sidecar("")) {
      serve("weir");
      Conversation<TrafficSummary, SummaryRequest> stream = controlPlane.summaries();
      TrafficSummary first = stream.next();
      assertEquals("cart-1", first.getNode().getId());
      assertTrue(first.getResidentBytes() > 10 << 20);
      assertEquals(0, first.getEdgesCount());
      want(stream);
      call(sidecar, 3);
      TrafficSummary told = telling(stream);
      assertFalse(told.hasNode());
      assertTrue(told.getInterval().getSeconds() < 5, told.toString());
      EdgeSummary edge = told.getEdges(0);
      assertEquals(
          Edge.newBuilder()
              .setReporter(Edge.Reporter.SOURCE)
              .setSource("shop/cart")
              .setDestination("shop/inventory")
              .setPort(8080)
              .setProtocol(Edge.Protocol.HTTP)
              .setResponseClass("2xx")
              .build(),
          edge.getEdge());
      assertEquals(3, count(edge));
      assertEquals(18, edge.getSent());
      assertTrue(edge.getSumMicros() > 0);
      call(sidecar, 2);
      TrafficSummary next = telling(stream);
      assertEquals(
          List.of(edge.getId()), next.getEdgesList().stream().map(e -> e.getId()).toList());
      assertFalse(next.getEdges(0).hasEdge());
      assertEquals(2, count(next.getEdges(0)));
      assertEquals(12, next.getEdges(0).getSent());
      TrafficSummary idle = stream.next();
      assertEquals(0, idle.getEdgesCount(), "nothing is told twice");
    }
  }

  @Test
  void nothingIsSentUntilItIsWantedAndNoMoreWhenItIsNot() throws Exception {
    try (TestSidecar sidecar = sidecar("")) {
      serve("weir");
      Conversation<TrafficSummary, SummaryRequest> stream = controlPlane.summaries();
      stream.next();
      want(stream);
      stream.next();
      stream.send(SummaryRequest.getDefaultInstance());
      call(sidecar, 1);
      want(stream);
      long sent = sidecar.stat("telemetry.summaries_sent");
      assertEquals(1, count(telling(stream).getEdges(0)));
      assertTrue(sent <= 2, () -> sent + " were sent");
    }
  }

  @Test
  void controlPlaneOfAnotherKindIsToldNothing() throws Exception {
    try (TestSidecar sidecar = sidecar("")) {
      Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> ads = serve("another");
      ads.next(); // its ack
      call(sidecar, 1);
      ads.send(DeltaDiscoveryResponse.newBuilder().setTypeUrl(CLUSTER).setNonce("2").build());
      ads.next();
      assertEquals(0, controlPlane.waiting(AdsTestServer.SUMMARIES));
    }
  }

  @Test
  void controlPlaneThatDoesNotKnowSummariesIsAskedAgainWithItsNextStream() throws Exception {
    try (TestSidecar sidecar = sidecar("")) {
      var ads = serve("weir");
      controlPlane.summaries().fail(Status.UNIMPLEMENTED);
      ads.fail();
      var again = serve("weir");
      var stream = controlPlane.summaries();
      assertEquals("cart-1", stream.next().getNode().getId());
      assertEquals(0, sidecar.stat("telemetry.summary_streams_failed"));
      assertEquals(0, controlPlane.waiting(AdsTestServer.SUMMARIES));
      again.next();
    }
  }

  @Test
  void whatIsCountedWhileTheStreamIsAwayIsToldWhenItIsBack() throws Exception {
    try (TestSidecar sidecar = sidecar("")) {
      serve("weir");
      var stream = controlPlane.summaries();
      want(stream);
      call(sidecar, 1);
      assertEquals(1, count(telling(stream).getEdges(0)));
      Await.until(() -> sidecar.stat("telemetry.summaries_sent") >= 1);
      stream.fail();
      call(sidecar, 4);
      var back = controlPlane.summaries();
      assertEquals("cart-1", back.next().getNode().getId());
      want(back);
      EdgeSummary edge = telling(back).getEdges(0);
      assertEquals("shop/inventory", edge.getEdge().getDestination());
      assertEquals(4, count(edge));
      assertEquals(1, sidecar.stat("telemetry.summary_streams_failed"));
    }
  }

  @Test
  void sidecarThatEndsTellsWhatItHasNotToldYet() throws Exception {
    Conversation<TrafficSummary, SummaryRequest> stream;
    try (TestSidecar sidecar = sidecar("")) {
      serve("weir");
      stream = controlPlane.summaries();
      want(stream);
      stream.next();
      stream.next(); // the next one is a second away
      call(sidecar, 5);
    }
    long told =
        summaries(stream)
            .flatMap(summary -> summary.getEdgesList().stream())
            .limit(1)
            .flatMapToLong(edge -> LongStream.of(count(edge)))
            .sum();
    assertEquals(5, told);
  }

  @Test
  void breakerThatOpensAndOneThatHealedInBetweenAreTold() throws Exception {
    String breaker =
        """
        typed_extension_protocol_options:
          envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
            "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
            explicit_http_config: {http_protocol_options: {}}
            http_filters:
            - name: weir.filters.http.circuit_breaker
              typed_config: {"@type": type.googleapis.com/weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker, policy: shop/inventory, consecutive_failures: 2, open_for: 0.01s, probes: 1}
            - name: envoy.filters.http.upstream_codec
              typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec}
        """;
    try (TestSidecar sidecar = sidecar(breaker)) {
      serve("weir");
      var stream = controlPlane.summaries();
      want(stream);
      status.set(503);
      call(sidecar, 2);
      assertEquals(List.of("OPEN"), changes(stream, 1));
      status.set(200);
      Await.until(() -> succeeds(sidecar));
      assertEquals(List.of("CLOSED"), changes(stream, 1));
      status.set(503);
      call(sidecar, 2);
      status.set(200);
      Await.until(() -> succeeds(sidecar));
      assertEquals(List.of("OPEN", "CLOSED"), changes(stream, 2));
    }
  }

  private static boolean succeeds(TestSidecar sidecar) {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.send(GET).read(false).status() == 200;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static List<String> changes(
      Conversation<TrafficSummary, SummaryRequest> stream, int number) {
    return summaries(stream)
        .flatMap(summary -> summary.getBreakersList().stream())
        .limit(number)
        .peek(change -> assertEquals("shop/inventory", change.getPolicy()))
        .peek(change -> assertEquals("shop/inventory", change.getDestination()))
        .map(BreakerChange::getState)
        .map(Enum::name)
        .toList();
  }

  @Test
  void instancePutOutIsToldThoughItIsBackByThen() throws Exception {
    try (TestSidecar sidecar =
        sidecar(
            "outlier_detection: {consecutive_5xx: 2, interval: 0.1s, base_ejection_time: 0.1s,"
                + " max_ejection_percent: 100}")) {
      serve("weir");
      var stream = controlPlane.summaries();
      want(stream);
      status.set(503);
      call(sidecar, 2);
      status.set(200);
      List<BreakerChange> changes =
          summaries(stream)
              .flatMap(summary -> summary.getBreakersList().stream())
              .limit(2)
              .toList();
      assertEquals("127.0.0.1:" + app.port(), changes.getFirst().getInstance());
      assertEquals(
          List.of(BreakerChange.State.EJECTED, BreakerChange.State.BACK),
          changes.stream().map(BreakerChange::getState).toList());
    }
  }
}
