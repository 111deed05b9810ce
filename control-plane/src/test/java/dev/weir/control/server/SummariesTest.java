package dev.weir.control.server;

import static dev.weir.control.server.Teller.edge;
import static dev.weir.control.server.Teller.summary;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.TestControlPlane;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.protos.service.telemetry.v1alpha1.BreakerChange;
import dev.weir.protos.service.telemetry.v1alpha1.BreakerChange.State;
import dev.weir.protos.service.telemetry.v1alpha1.Edge;
import dev.weir.protos.service.telemetry.v1alpha1.EdgeSummary;
import dev.weir.protos.service.telemetry.v1alpha1.SummaryRequest;
import dev.weir.protos.service.telemetry.v1alpha1.TrafficSummary;
import dev.weir.testkit.Await;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients tell of traffic, and what the control plane makes of it. */
class SummariesTest {
  @TempDir Path folder;
  private TestControlPlane controlPlane;

  @SuppressWarnings("NullAway.Init")
  SummariesTest() {}

  @BeforeEach
  void start() throws IOException {
    TestControlPlane.services(folder, "cart", "inventory");
    controlPlane = new TestControlPlane(folder);
  }

  @AfterEach
  void stop() throws IOException {
    controlPlane.close();
  }

  private Teller<TrafficSummary, SummaryRequest> teller(String id) throws Exception {
    Teller<TrafficSummary, SummaryRequest> teller =
        Teller.of(controlPlane.channel(), Nodes.sidecar(id, "cart", "10.0.0.1"));
    assertEquals(5, teller.wanted().getInterval().getSeconds());
    return teller;
  }

  private static TrafficSummary of(EdgeSummary.Builder... edges) {
    TrafficSummary.Builder summary = TrafficSummary.newBuilder();
    for (EdgeSummary.Builder edge : edges) {
      summary.addEdges(edge);
    }
    return summary.build();
  }

  @Test
  void whatIsToldIsShown() throws Exception {
    assertEquals("[]", controlPlane.page("/traffic").strip());
    try (var teller = teller("cart-1")) {
      teller.tell(
          of(
              summary(1, edge(), 50),
              summary(
                  2,
                  edge()
                      .setResponseClass("5xx")
                      .setCause("breaker-open")
                      .setPolicy("shop/inventory"),
                  10)));
      controlPlane.awaitPage("/traffic?seconds=10", "\"per_second\": 6", true);
      assertEquals(
          """
          [
           {
            "from": "shop/cart",
            "to": "shop/inventory:8080",
            "protocol": "http",
            "per_second": 6.0,
            "success": 0.833,
            "p50_ms": 250.0,
            "p99_ms": 250.0,
            "causes": "breaker-open by shop/inventory 10"
           }
          ]
          """,
          controlPlane.page("/traffic?seconds=10"));
      teller.tell(of(EdgeSummary.newBuilder().setId(1).setFirstBucket(-16).addCounts(40)));
      controlPlane.awaitPage("/traffic?seconds=10", "\"per_second\": 10", true);
    }
  }

  @Test
  void theCallersWordIsBeforeTheCallees() throws Exception {
    Edge.Builder seenBy = edge().setReporter(Edge.Reporter.DESTINATION);
    try (var teller = teller("cart-1")) {
      teller.tell(of(summary(1, seenBy, 20)));
      controlPlane.awaitPage("/traffic?seconds=10", "\"per_second\": 2", true);
      teller.tell(of(summary(2, edge(), 10)));
      controlPlane.awaitPage("/traffic?seconds=10", "\"per_second\": 1.0,", true);
    }
  }

  @Test
  void pageSaysWhatIsWrongWithAQuestion() {
    assertTrue(controlPlane.page("/traffic?seconds=0").contains("seconds: is no number from 1"));
    assertTrue(controlPlane.page("/traffic?seconds=99999").contains("from 1 to 86400"));
  }

  @ParameterizedTest
  @CsvSource({
    "edges[0].edge is missing, noEdge",
    "edges[0].edge.reporter is none, noReporter",
    "edges[0].edge.protocol is none, noProtocol",
    "edges[0].edge.source is missing, noSource",
    "edges[0].edge.cause is none of, cause",
    "edges[0].edge.response_class is none of, responseClass",
    "edges[0].edge.grpc_status is none of, grpcStatus",
    "edges[0].edge.port is no port, port",
    "edges[0].edge.destination is not a text, longName",
    "edges[0].edge.policy is not a text, controlCharacter",
    "edges[0].counts is more than, absurdCount",
    "edges[0].counts are beyond, buckets",
    "edges[0].received is more than, absurdBytes",
    "edges[0].sum_micros is more than, absurdTime",
    "breakers[0].state is none, noState",
    "edges[1].id is another edge's, sameId",
  })
  void streamThatTellsWhatCannotBeIsEndedAndToldWhy(String said, String what) throws Exception {
    try (var teller = teller("cart-1")) {
      teller.tell(wrong(what));
      Status end = teller.end();
      assertEquals(Status.Code.INVALID_ARGUMENT, end.getCode());
      assertTrue(String.valueOf(end.getDescription()).startsWith(said), end.toString());
      Await.until(() -> controlPlane.refusals().toString().contains("cart-1 tells"));
      assertEquals("[]", controlPlane.page("/traffic").strip());
      assertTrue(controlPlane.metrics().contains("weir_traffic_streams_refused_total 1"));
    }
  }

  private static TrafficSummary wrong(String what) {
    return switch (what) {
      case "noEdge" -> of(EdgeSummary.newBuilder().setId(7).addCounts(1));
      case "noReporter" -> with(Edge.Builder::clearReporter);
      case "noProtocol" -> with(Edge.Builder::clearProtocol);
      case "noSource" -> with(Edge.Builder::clearSource);
      case "cause" -> with(edge -> edge.setCause("<b>"));
      case "responseClass" -> with(edge -> edge.setResponseClass("200"));
      case "grpcStatus" -> with(edge -> edge.setGrpcStatus("99"));
      case "port" -> with(edge -> edge.setPort(-1));
      case "longName" -> with(edge -> edge.setDestination("a".repeat(600)));
      case "controlCharacter" -> with(edge -> edge.setPolicy("shop/\n"));
      case "absurdCount" -> of(summary(1, edge(), -1));
      case "buckets" -> of(summary(1, edge(), 1).setFirstBucket(97));
      case "absurdBytes" -> of(summary(1, edge(), 1).setReceived(Long.MAX_VALUE));
      case "absurdTime" -> of(summary(1, edge(), 1).setSumMicros(-5));
      case "noState" ->
          TrafficSummary.newBuilder()
              .addBreakers(BreakerChange.newBuilder().setDestination("shop/inventory"))
              .build();
      case "sameId" -> of(summary(1, edge(), 0), summary(1, edge().setPort(81), 1));
      default -> throw new AssertionError(what);
    };
  }

  private static TrafficSummary with(Consumer<Edge.Builder> change) {
    Edge.Builder edge = edge();
    change.accept(edge);
    return of(summary(1, edge, 1));
  }

  @Test
  void whoSaysNotWhoHeIsIsNotHeard() throws Exception {
    try (var teller =
        Teller.of(
            controlPlane.channel(), io.envoyproxy.envoy.config.core.v3.Node.getDefaultInstance())) {
      assertEquals(Status.Code.INVALID_ARGUMENT, teller.end().getCode());
    }
  }

  @Test
  void whoTellsTooOftenIsEnded() throws Exception {
    try (var teller = teller("cart-1")) {
      for (int i = 0; i < 40; i++) {
        teller.tell(of());
      }
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, teller.end().getCode());
    }
  }

  @Test
  void speakersAreThoseWhoseStreamIsOpen() throws Exception {
    try (var one = teller("cart-1")) {
      try (var other = teller("cart-2")) {
        assertTrue(controlPlane.metrics().contains("weir_traffic_speakers 2"));
        other.complete();
        assertEquals(Status.Code.OK, other.end().getCode());
      }
      Await.until(() -> controlPlane.metrics().contains("weir_traffic_speakers 1"));
      one.tell(of());
      Await.until(() -> controlPlane.metrics().contains("weir_traffic_summaries_total 1"));
    }
    Await.until(() -> controlPlane.metrics().contains("weir_traffic_speakers 0"));
  }

  @Test
  void controlPlaneThatStopsEndsTheStreamsAndDoesNotWaitForThem() throws Exception {
    try (var teller = teller("cart-1")) {
      long begun = System.nanoTime();
      controlPlane.drain();
      assertTrue(System.nanoTime() - begun < 4_000_000_000L);
      assertEquals(Status.Code.OK, teller.end().getCode());
    }
  }

  private static TrafficSummary change(State state) {
    return TrafficSummary.newBuilder()
        .addBreakers(
            BreakerChange.newBuilder()
                .setPolicy("shop/inventory")
                .setDestination("shop/inventory")
                .setState(state))
        .build();
  }

  @Test
  void breakerOfManySidecarsIsOneMarkAndSoIsItsEnd() throws Exception {
    try (var one = teller("cart-1");
        var other = teller("cart-2")) {
      one.tell(change(State.OPEN));
      other.tell(change(State.OPEN));
      one.tell(change(State.HALF_OPEN));
      one.tell(change(State.OPEN));
      one.tell(change(State.CLOSED));
      other.tell(change(State.CLOSED));
      Await.until(() -> controlPlane.metrics().contains("weir_traffic_summaries_total 6"));
      var events = controlPlane.running().events().since(0);
      assertEquals(
          "[OPENED, HEALED]", events.stream().map(event -> event.kind()).toList().toString());
      assertEquals("shop/inventory", events.getFirst().policy());
      assertEquals("shop/inventory", events.getFirst().service());
      assertTrue(
          events.getFirst().text().startsWith("the circuit breaker of shop/inventory opened"));
    }
  }

  @Test
  void editsAreMarks() throws Exception {
    TestControlPlane.timeout(folder, "inventory", "5s");
    Await.until(() -> !controlPlane.running().events().since(0).isEmpty());
    var event = controlPlane.running().events().since(0).getFirst();
    assertEquals("ResiliencePolicy shop/inventory for shop/inventory is new", event.text());
    assertEquals("shop/inventory", event.policy());
    TestControlPlane.timeout(folder, "inventory", "6s");
    Await.until(() -> controlPlane.running().events().since(0).size() == 2);
    assertEquals(
        "ResiliencePolicy shop/inventory for shop/inventory is another one",
        controlPlane.running().events().since(0).getLast().text());
    java.nio.file.Files.delete(folder.resolve("inventory-policy.yaml"));
    Await.until(() -> controlPlane.running().events().since(0).size() == 3);
    assertTrue(controlPlane.running().events().since(0).getLast().text().endsWith("is gone"));
  }

  @Test
  void refusalOfAProxyIsAMark() throws Exception {
    try (DeltaClient client =
        new DeltaClient(controlPlane.channel(), Nodes.sidecar("cart-1", "cart", "10.0.0.1"))) {
      client.subscribe(ResourceType.CLUSTER);
      client.nack(client.next(ResourceType.CLUSTER), "not this one");
      Await.until(() -> !controlPlane.running().events().since(0).isEmpty());
      var event = controlPlane.running().events().since(0).getFirst();
      assertEquals("cart-1", event.instance());
      assertEquals("shop/cart", event.service());
      assertTrue(event.text().contains("not this one"));
    }
  }

  @Test
  void whoHasProvedWhoHeIsTellsOfHisOwnCallsAlone(@TempDir Path other) throws Exception {
    try (ProvingMesh mesh = new ProvingMesh(other);
        var teller =
            Teller.of(
                mesh.channel(mesh.token(ProvingMesh.claims("spiffe://mesh.test/ns/shop/sa/cart"))),
                Nodes.sidecar("cart-1", "cart", "127.0.0.1"))) {
      teller.wanted();
      Edge.Builder incoming =
          edge().setReporter(Edge.Reporter.DESTINATION).setSource("shop/frontend");
      teller.tell(
          of(
              summary(1, edge().setDestination("shop/mine"), 10),
              summary(2, edge().setSource("shop/frontend"), 10),
              summary(3, incoming, 10),
              summary(4, incoming.clone().setDestination("shop/cart"), 10),
              summary(5, edge().setSource("others/others").setDestination("others/others"), 10)));
      teller.tell(of(EdgeSummary.newBuilder().setId(2).addCounts(5)));
      Await.until(() -> mesh.controlPlane.metrics().contains("weir_traffic_summaries_total 2"));
      String page = mesh.controlPlane.page("/traffic");
      assertTrue(page.contains("\"to\": \"shop/mine:8080\""), page);
      assertTrue(page.contains("\"from\": \"shop/frontend\",\n  \"to\": \"shop/cart:8080\""), page);
      assertTrue(page.contains("\"to\": \"others/others:8080\""), page);
      assertFalse(page.contains("shop/inventory"), page);
      assertTrue(mesh.controlPlane.metrics().contains("weir_traffic_edges_refused_total 2"));
      assertEquals(
          1,
          mesh.controlPlane.refusals().stream()
              .filter(line -> line.contains("not its own"))
              .count());
    }
  }

  @Test
  void whoIsNotWhoHeSaysIsNotHeard(@TempDir Path other) throws Exception {
    try (ProvingMesh mesh = new ProvingMesh(other);
        var teller =
            Teller.of(
                mesh.channel(mesh.token(ProvingMesh.claims("spiffe://mesh.test/ns/shop/sa/cart"))),
                Nodes.sidecar("frontend-1", "frontend", "127.0.0.1"))) {
      assertEquals(Status.Code.PERMISSION_DENIED, teller.end().getCode());
    }
  }
}
