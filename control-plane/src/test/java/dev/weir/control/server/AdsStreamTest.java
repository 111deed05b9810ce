package dev.weir.control.server;

import static dev.weir.control.compile.xds.ResourceType.CLUSTER;
import static dev.weir.control.compile.xds.ResourceType.ENDPOINTS;
import static dev.weir.control.compile.xds.ResourceType.ROUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.server.subscription.DeltaDialect;
import dev.weir.control.server.subscription.Nack;
import dev.weir.control.server.subscription.SotwDialect;
import dev.weir.control.server.subscription.Subscription;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a stream does for a client that is slow, refuses, or comes back. */
class AdsStreamTest {
  private static final ControlPlane IDENTITY = ControlPlane.getDefaultInstance();
  private static final String A = "outbound|8080|shop/a";
  private static final String B = "outbound|8080|shop/b";
  private static final String C = "outbound|8080|shop/c";

  private final ListPeer<DeltaDiscoveryResponse> peer = new ListPeer<>();
  private final OneMesh mesh = new OneMesh();
  private final DeltaDialect dialect = new DeltaDialect(IDENTITY);
  private final AdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream =
      new AdsStream<>(1, dialect, peer, mesh, new Caller.Anyone());
  private final ListPeer<DiscoveryResponse> sotwPeer = new ListPeer<>();
  private final AdsStream<DiscoveryRequest, DiscoveryResponse> sotw =
      new AdsStream<>(2, new SotwDialect(IDENTITY), sotwPeer, mesh, new Caller.Anyone());

  @Test
  void slowClientGetsNothingUntilItIsReadyAndThenTheNewestAlone() {
    mesh.services("inventory");
    peer.ready = false;
    stream.request(
        DeltaDiscoveryRequest.newBuilder()
            .setNode(Nodes.sidecar("a", "inventory", "10.0.0.1"))
            .setTypeUrl(ResourceType.CLUSTER.typeUrl())
            .build());
    for (int i = 0; i < 100; i++) {
      mesh.services("inventory", "s" + i);
      stream.refresh();
    }
    assertEquals(List.of(), peer.sent);
    peer.ready = true;
    stream.ready();
    assertEquals(1, peer.sent.size());
    assertTrue(DeltaClient.names(peer.sent.getFirst()).contains("outbound|8080|shop/s99"));
  }

  @Test
  void clientIsStuckWhileItOwesAnAnswerAndSaysNothing() {
    mesh.services("a");
    stream.request(delta(CLUSTER).build());
    assertFalse(stream.isStuckSince(mesh.uptime()));
    mesh.later(Duration.ofMinutes(1));
    assertTrue(stream.isStuckSince(mesh.uptime()), "what it was sent may still be held for it");
    mesh.services("a", "b");
    stream.refresh();
    assertTrue(stream.isStuckSince(mesh.uptime()));
    stream.request(delta(ENDPOINTS).addResourceNamesSubscribe(A).build());
    assertFalse(stream.isStuckSince(mesh.uptime()), "it is alive");
    mesh.later(Duration.ofMinutes(1));
    assertTrue(stream.isStuckSince(mesh.uptime()), "and still owes the answer");
    accept(CLUSTER);
    accept(CLUSTER);
    accept(ENDPOINTS);
    mesh.later(Duration.ofMinutes(1));
    assertFalse(stream.isStuckSince(mesh.uptime()));
  }

  private void refuseTheRouteThatLeavesB() {
    mesh.routed("a", "c", "b");
    stream.request(delta(CLUSTER).build());
    accept(CLUSTER);
    stream.request(delta(ROUTES).addResourceNamesSubscribe(A).build());
    accept(ROUTES);
    mesh.routed("a", "c");
    stream.refresh();
    stream.request(
        answer(ROUTES).setErrorDetail(com.google.rpc.Status.newBuilder().setMessage("no")).build());
  }

  @Test
  void clusterStaysWhileTheRouteThatLeavesItIsRefused() {
    refuseTheRouteThatLeavesB();
    assertFalse(removed(CLUSTER).contains(B));
    mesh.services("a", "c");
    stream.refresh();
    accept(ROUTES);
    assertTrue(removed(CLUSTER).contains(B));
  }

  @Test
  void aRefusedRouteThatIsNotWantedAnyMoreHoldsNothingUp() {
    refuseTheRouteThatLeavesB();
    assertEquals(List.of("RouteConfiguration [" + A + "] no"), mesh.refusals);
    assertFalse(removed(CLUSTER).contains(B));
    stream.request(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(ROUTES.typeUrl())
            .addResourceNamesUnsubscribe(A)
            .build());
    assertTrue(removed(CLUSTER).contains(B));
  }

  @Test
  void clusterStaysWhileTheEndpointsOfItsSuccessorAreHeldBack() {
    mesh.cold();
    mesh.routed("a", "c");
    stream.request(delta(CLUSTER).putInitialResourceVersions(B, "1").build());
    accept(CLUSTER);
    stream.request(
        delta(ENDPOINTS).putInitialResourceVersions(B, "1").addResourceNamesSubscribe(B).build());
    stream.request(
        delta(ROUTES).putInitialResourceVersions(A, "1").addResourceNamesSubscribe(A).build());
    accept(ROUTES);
    stream.request(delta(ENDPOINTS).addResourceNamesSubscribe(C).build());
    assertFalse(removed(CLUSTER).contains(B));
    mesh.warmedUp();
    stream.refresh();
    assertEquals(List.of(C), DeltaClient.names(last(ENDPOINTS)));
    accept(ENDPOINTS);
    assertTrue(removed(CLUSTER).contains(B));
  }

  @Test
  void changeOfNamesAfterARefusalAcceptsNothing() {
    mesh.services("a", "b");
    sotw.request(sotw(ENDPOINTS, A).build());
    String nonce = sotwPeer.sent.getLast().getNonce();
    sotw.request(
        sotw(ENDPOINTS, A)
            .setResponseNonce(nonce)
            .setErrorDetail(com.google.rpc.Status.newBuilder().setMessage("bad"))
            .build());
    sotw.request(sotw(ENDPOINTS, A, "none").setResponseNonce(nonce).build());
    Subscription endpoints = Objects.requireNonNull(sotw.settledSubscriptions().get(ENDPOINTS));
    assertEquals("bad", endpoints.nack().map(Nack::reason).orElse(""));
    assertEquals("", endpoints.versionAcked());
  }

  @Test
  void clientThatNamesItsClustersIsToldThatOneIsGone() {
    mesh.services("a", "b");
    sotw.request(sotw(CLUSTER, A, B).build());
    DiscoveryResponse both = sotwPeer.sent.getLast();
    assertEquals(List.of(A, B), SotwClient.names(both));
    sotw.request(
        sotw(CLUSTER, A, B)
            .setVersionInfo(both.getVersionInfo())
            .setResponseNonce(both.getNonce())
            .build());
    mesh.services("a");
    sotw.refresh();
    assertEquals(List.of(A), SotwClient.names(sotwPeer.sent.getLast()));
  }

  @Test
  void answerToAnOlderResponseIsPassedOver() {
    mesh.services("a");
    stream.request(delta(CLUSTER).build());
    String first = last(CLUSTER).getNonce();
    mesh.services("a", "b");
    stream.refresh();
    assertEquals(1, of(CLUSTER).size(), "the first is not answered yet");
    stream.request(delta(CLUSTER).setResponseNonce(first).build());
    assertEquals(2, of(CLUSTER).size());
    stream.request(delta(CLUSTER).setResponseNonce(first).build());
    Subscription clusters = Objects.requireNonNull(stream.settledSubscriptions().get(CLUSTER));
    assertTrue(clusters.awaiting());
    accept(CLUSTER);
    assertFalse(clusters.awaiting());
    assertEquals(clusters.versionSent(), clusters.versionAcked());
  }

  @Test
  void whatAnIncrementalRequestSubscribesToHoldsWhateverItAnswers() {
    mesh.services("a", "b");
    stream.request(delta(ENDPOINTS).addResourceNamesSubscribe(A).build());
    String first = last(ENDPOINTS).getNonce();
    accept(ENDPOINTS);
    stream.request(delta(ENDPOINTS).addResourceNamesSubscribe("x").build());
    stream.request(delta(ENDPOINTS).setResponseNonce(first).addResourceNamesSubscribe(B).build());
    accept(ENDPOINTS);
    assertEquals(List.of(B), DeltaClient.names(last(ENDPOINTS)));
  }

  @Test
  void whoGivesUpANameAndStillWantsEverythingIsToldOfItAsItIs() {
    mesh.services("a");
    stream.request(
        delta(CLUSTER).addResourceNamesSubscribe("*").addResourceNamesSubscribe(A).build());
    accept(CLUSTER);
    stream.request(
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(CLUSTER.typeUrl())
            .addResourceNamesUnsubscribe(A)
            .build());
    assertEquals(List.of(A), DeltaClient.names(last(CLUSTER)));
  }

  @Test
  void typeThatThereIsNothingOfIsNotAnswered() {
    mesh.services("a");
    stream.request(delta(CLUSTER).setTypeUrl("type.googleapis.com/some.Other").build());
    assertEquals(List.of(), peer.sent);
    assertEquals(Set.of(), stream.settledSubscriptions().keySet());
    stream.request(delta(CLUSTER).build());
    assertEquals(1, peer.sent.size());
  }

  @Test
  void changedClustersEndpointsFollowItAndOthersDoNot() {
    mesh.services("a", "b");
    stream.request(delta(CLUSTER).build());
    accept(CLUSTER);
    stream.request(
        delta(ENDPOINTS).addResourceNamesSubscribe(A).addResourceNamesSubscribe(C).build());
    accept(ENDPOINTS);
    assertEquals(List.of(A), DeltaClient.names(last(ENDPOINTS)));
    mesh.services("a", "b", "c");
    stream.refresh();
    accept(CLUSTER);
    assertEquals(List.of(C), DeltaClient.names(last(ENDPOINTS)));
  }

  @Test
  void clientsThatAreOwedTheSameAreSentOneResponseAndWhatComesAgainIsAnother() {
    ListPeer<DeltaDiscoveryResponse> otherPeer = new ListPeer<>();
    AdsStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> other =
        new AdsStream<>(3, dialect, otherPeer, mesh, new Caller.Anyone());
    DeltaDiscoveryRequest ask = delta(ENDPOINTS).addResourceNamesSubscribe(A).build();
    mesh.services("a");
    stream.request(ask);
    other.request(ask);
    assertSame(last(ENDPOINTS), otherPeer.sent.getLast());
    accept(ENDPOINTS);
    stream.request(ask);
    assertEquals(2, of(ENDPOINTS).size());
    assertEquals(DeltaClient.names(of(ENDPOINTS).getFirst()), DeltaClient.names(last(ENDPOINTS)));
    assertNotEquals(of(ENDPOINTS).getFirst().getNonce(), last(ENDPOINTS).getNonce());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "8080, 8080",
    "1, 1",
    "65535, 65535",
    "65536, ",
    "0, ",
    "080, ",
    "-1, ",
    "http, ",
    "123456, ",
    "'', "
  })
  void healthIsOfPorts(String said, @Nullable Integer port) {
    mesh.services("a");
    peer.mayEnd = port == null;
    stream.request(
        delta(CLUSTER)
            .setTypeUrl("type.googleapis.com/weir.service.health.v1alpha1.WorkloadHealth")
            .addResourceNamesSubscribe(said)
            .build());
    if (port == null) {
      assertEquals(
          "WorkloadHealth: \"" + said + "\" is not a port",
          Objects.requireNonNull(peer.ended).getDescription());
      assertEquals(List.of(), mesh.healthy);
    } else {
      assertEquals(List.of(Set.of(port)), mesh.healthy);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.1", "10.0.0.1:", ":80", "10.0.0.1:0", "cart.shop:80", "10.0.0.1:80\n"})
  void destinationsAreAddressesAndPorts(String said) {
    mesh.services("a");
    peer.mayEnd = true;
    stream.request(delta(ResourceType.DESTINATION).addResourceNamesSubscribe(said).build());
    assertEquals(
        "Destination: \"" + said + "\" is not an IPv4 address and a port",
        Objects.requireNonNull(peer.ended).getDescription());
  }

  @Test
  void whoAcceptsOnMorePortsThanServicesHaveIsEnded() {
    mesh.services("a");
    peer.mayEnd = true;
    DeltaDiscoveryRequest.Builder request =
        delta(CLUSTER)
            .setTypeUrl("type.googleapis.com/weir.service.health.v1alpha1.WorkloadHealth");
    for (int port = 1; port <= 257; port++) {
      request.addResourceNamesSubscribe(Integer.toString(port));
    }
    stream.request(request.build());
    assertEquals("more than 256 ports", Objects.requireNonNull(peer.ended).getDescription());
    assertEquals(List.of(), mesh.healthy);
  }

  @Test
  void firstRequestSaysWhoAsks() {
    mesh.services("a");
    peer.mayEnd = true;
    stream.request(DeltaDiscoveryRequest.newBuilder().setTypeUrl(CLUSTER.typeUrl()).build());
    assertEquals(
        "the first request of a stream must have a node",
        Objects.requireNonNull(peer.ended).getDescription());
    assertTrue(stream.proxy().isEmpty());
  }

  @Test
  void whoWantsMoreNamesThanAMeshHasIsEnded() {
    mesh.services("a");
    peer.mayEnd = true;
    DeltaDiscoveryRequest.Builder request = delta(ENDPOINTS);
    for (int i = 0; i <= Subscription.MAX_NAMES; i++) {
      request.addResourceNamesSubscribe("n" + i);
    }
    stream.request(request.build());
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, Objects.requireNonNull(peer.ended).getCode());
  }

  @Test
  void reportTellsWhatOfEachTypeIsInForceSentOrRefused() {
    mesh.services("a");
    assertEquals("no types", state(CLUSTER));
    stream.request(delta(CLUSTER).build());
    assertEquals("sent, not answered yet; inSync=false", state(CLUSTER));
    accept(CLUSTER);
    assertEquals("in force; inSync=true", state(CLUSTER));
    peer.ready = false;
    mesh.services("a", "b");
    stream.refresh();
    assertEquals("waits to be sent; inSync=false", state(CLUSTER));
    peer.ready = true;
    stream.ready();
    stream.request(
        answer(CLUSTER)
            .setErrorDetail(com.google.rpc.Status.newBuilder().setMessage("no"))
            .build());
    assertEquals("refused; inSync=false", state(CLUSTER));
    Map<String, Object> type =
        types().get("cluster") instanceof Map<?, ?> map ? fields(map) : Map.of();
    assertEquals(
        List.of(B), type.get("nacked") instanceof Map<?, ?> nacked ? nacked.get("resources") : "");
    assertEquals(last(CLUSTER).getSystemVersionInfo(), type.get("sent"));
    assertEquals(type.get("target"), type.get("sent"));
    assertNotEquals(type.get("acked"), type.get("sent"));
  }

  private static Map<String, Object> fields(Map<?, ?> map) {
    Map<String, Object> fields = new TreeMap<>();
    map.forEach((name, value) -> fields.put(String.valueOf(name), value));
    return fields;
  }

  private Map<String, Object> types() {
    Map<String, Object> report =
        ProxyReport.of(
            ProxyReport.look(stream, stream.proxy().orElseThrow()), UnaryOperator.identity());
    return report.get("types") instanceof Map<?, ?> types ? fields(types) : Map.of();
  }

  private String state(ResourceType type) {
    if (stream.proxy().isEmpty()) {
      return "no types";
    }
    Map<String, Object> report =
        ProxyReport.of(
            ProxyReport.look(stream, stream.proxy().orElseThrow()), UnaryOperator.identity());
    Object found = types().get(type.name().toLowerCase(Locale.ROOT));
    return (found instanceof Map<?, ?> map ? map.get("state") : "no types")
        + "; inSync="
        + report.get("inSync");
  }

  private static DeltaDiscoveryRequest.Builder delta(ResourceType type) {
    return DeltaDiscoveryRequest.newBuilder()
        .setNode(Nodes.sidecar("x", "a", "10.0.0.1"))
        .setTypeUrl(type.typeUrl());
  }

  private static DiscoveryRequest.Builder sotw(ResourceType type, String... names) {
    return DiscoveryRequest.newBuilder()
        .setNode(Nodes.sidecar("x", "a", "10.0.0.1"))
        .setTypeUrl(type.typeUrl())
        .addAllResourceNames(List.of(names));
  }

  private void accept(ResourceType type) {
    stream.request(answer(type).build());
  }

  private DeltaDiscoveryRequest.Builder answer(ResourceType type) {
    return DeltaDiscoveryRequest.newBuilder()
        .setTypeUrl(type.typeUrl())
        .setResponseNonce(last(type).getNonce());
  }

  private DeltaDiscoveryResponse last(ResourceType type) {
    return of(type).getLast();
  }

  private List<String> removed(ResourceType type) {
    return of(type).stream()
        .flatMap(response -> response.getRemovedResourcesList().stream())
        .toList();
  }

  private List<DeltaDiscoveryResponse> of(ResourceType type) {
    return peer.sent.stream()
        .filter(response -> response.getTypeUrl().equals(type.typeUrl()))
        .toList();
  }

  /** A peer that keeps what it is sent, and is ready unless the test says otherwise. */
  private static final class ListPeer<R> implements Peer<R> {
    private final List<R> sent = new ArrayList<>();
    private boolean ready = true;
    private boolean mayEnd;
    private @Nullable Status ended;

    @Override
    public boolean ready(long bytes) {
      return ready;
    }

    @Override
    public void send(ResourceType type, R response) {
      sent.add(response);
    }

    @Override
    public void end(Status status) {
      if (!mayEnd) {
        throw new AssertionError(status);
      }
      ended = status;
    }
  }
}
