package dev.weir.sidecar.xds;

import static dev.weir.sidecar.xds.TestDynamicConfig.brokenCluster;
import static dev.weir.sidecar.xds.TestDynamicConfig.cluster;
import static dev.weir.sidecar.xds.TestDynamicConfig.endpoints;
import static dev.weir.sidecar.xds.TestDynamicConfig.listener;
import static dev.weir.sidecar.xds.TestDynamicConfig.routes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.xds.store.StreamedConfig;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class SotwTest {
  private AdsTestServer server;
  private TestDynamicConfig config;
  private Conversation<DiscoveryRequest, DiscoveryResponse> stream;

  @BeforeEach
  void connect() throws Exception {
    server = new AdsTestServer();
    config = new TestDynamicConfig(server.port(), "GRPC", Duration.ZERO);
    stream = server.sotw();
    assertEquals("xds", config.nextConfig().clusters().getFirst().name());
  }

  @AfterEach
  void close() throws Exception {
    config.close();
    server.close();
  }

  @Test
  void clustersAndListenersAreAskedForAtOnceAndTheNodeIsSentOnce() {
    DiscoveryRequest first = stream.next();
    DiscoveryRequest second = stream.next();

    assertEquals(ResourceType.CLUSTER.typeUrl(), first.getTypeUrl());
    assertEquals("cart-0", first.getNode().getId());
    assertEquals("weir", first.getNode().getUserAgentName());
    assertEquals("weir.filters.http.bulkhead", first.getNode().getExtensions(0).getName());
    assertEquals(ResourceType.LISTENER.typeUrl(), second.getTypeUrl());
    assertFalse(second.hasNode());
    assertEquals(0, second.getResourceNamesCount());
  }

  @Test
  void eachTypeIsAckedAndWhatItRefersToIsAskedForByName() {
    skipFirstRequests();
    stream.send(response(ResourceType.CLUSTER, "c1", cluster("app")));

    assertAck(stream.next(), ResourceType.CLUSTER, "c1");
    DiscoveryRequest eds = stream.next();
    assertEquals(ResourceType.ENDPOINTS.typeUrl(), eds.getTypeUrl());
    assertEquals(List.of("app"), eds.getResourceNamesList());

    stream.send(response(ResourceType.ENDPOINTS, "e1", endpoints("app", 80)));
    assertAck(stream.next(), ResourceType.ENDPOINTS, "e1");
    stream.send(response(ResourceType.LISTENER, "l1", listener("out", "table", "0s")));
    assertAck(stream.next(), ResourceType.LISTENER, "l1");
    assertEquals(List.of("table"), stream.next().getResourceNamesList());
    stream.send(response(ResourceType.ROUTE, "r1", routes("table", "app")));
    assertAck(stream.next(), ResourceType.ROUTE, "r1");

    StreamedConfig published = config.nextConfigWithListeners();
    assertEquals(Set.of("table"), published.routes().keySet());
    assertEquals(Set.of("app"), published.endpoints().keySet());
    assertTrue(AdsTestServer.take(config.initialized));
  }

  @Test
  void aBadResourceIsRefusedAloneAndThePreviousOneStays() {
    skipFirstRequests();
    stream.send(response(ResourceType.CLUSTER, "c1", cluster("a", "1s"), cluster("b", "1s")));
    assertAck(stream.next(), ResourceType.CLUSTER, "c1");
    stream.next();
    stream.send(response(ResourceType.ENDPOINTS, "e1", endpoints("a", 80), endpoints("b", 80)));
    stream.next();
    assertEquals(List.of("xds", "a", "b"), clusterNames(config.nextConfig()));

    stream.send(response(ResourceType.CLUSTER, "c2", brokenCluster("a"), cluster("b", "2s")));

    DiscoveryRequest nack = stream.next();
    assertEquals("c1", nack.getVersionInfo());
    assertEquals("nonce-c2", nack.getResponseNonce());
    assertEquals(
        "cluster \"a\": lb_policy: RING_HASH is not supported", nack.getErrorDetail().getMessage());
    List<Cluster> clusters = config.nextConfig().clusters();
    assertEquals("a", clusters.get(1).name());
    assertEquals(Duration.ofSeconds(1), clusters.get(1).connectTimeout());
    assertEquals(Duration.ofSeconds(2), clusters.get(2).connectTimeout());
  }

  @Test
  void whatIsMissingFromAResponseOfClustersIsGone() {
    skipFirstRequests();
    stream.send(response(ResourceType.CLUSTER, "c1", cluster("a"), cluster("b")));
    stream.next();
    stream.next();
    stream.send(response(ResourceType.ENDPOINTS, "e1", endpoints("a", 80), endpoints("b", 80)));
    stream.next();
    assertEquals(List.of("xds", "a", "b"), clusterNames(config.nextConfig()));

    stream.send(response(ResourceType.CLUSTER, "c2", cluster("b")));

    assertEquals(List.of("xds", "b"), clusterNames(config.nextConfig()));
    assertAck(stream.next(), ResourceType.CLUSTER, "c2");
    assertEquals(List.of("b"), stream.next().getResourceNamesList());
  }

  @Test
  void whatIsMissingFromAResponseOfEndpointsStays() {
    skipFirstRequests();
    stream.send(response(ResourceType.CLUSTER, "c1", cluster("a"), cluster("b")));
    stream.next();
    stream.next();
    stream.send(response(ResourceType.ENDPOINTS, "e1", endpoints("a", 80), endpoints("b", 81)));
    config.nextConfig();

    stream.send(response(ResourceType.ENDPOINTS, "e2", endpoints("a", 90)));

    assertEquals("a 127.0.0.1:90", AdsTestServer.take(config.endpoints));
    stream.send(response(ResourceType.CLUSTER, "c2", cluster("a"), cluster("b", "2s")));
    assertEquals(
        "127.0.0.1:90127.0.0.1:81",
        TestDynamicConfig.ports(new TreeMap<>(config.nextConfig().endpoints()).values()));
  }

  @Test
  void aReconnectTellsTheVersionInForceAndNoNonce() {
    skipFirstRequests();
    stream.send(response(ResourceType.CLUSTER, "c1", cluster("app")));
    assertAck(stream.next(), ResourceType.CLUSTER, "c1");

    stream.fail();
    DiscoveryRequest first = server.sotw().next();

    assertEquals("c1", first.getVersionInfo());
    assertEquals("", first.getResponseNonce());
    assertEquals("cart-0", first.getNode().getId());
    assertEquals(
        "xds: the control plane at cluster xds cannot be reached (gRPC status 14: going away);"
            + " what it sent last stays in force; trying until it answers",
        AdsTestServer.take(config.log));
  }

  @Test
  void aListenerWaitsForItsRoutesAndThePreviousOneServesOn() {
    skipFirstRequests();
    stream.send(response(ResourceType.CLUSTER, "c1"));
    stream.send(response(ResourceType.LISTENER, "l1", listener("out", "old", "0s")));
    stream.send(response(ResourceType.ROUTE, "r1", routes("old", "unknown")));
    assertEquals(Set.of("old"), config.nextConfigWithListeners().routes().keySet());

    stream.send(response(ResourceType.LISTENER, "l2", listener("out", "new", "0s")));
    stream.send(
        response(
            ResourceType.LISTENER, "l3", listener("out", "new", "0s"), listener("x", "old", "0s")));
    StreamedConfig published = config.nextConfig();
    assertEquals(List.of("out", "x"), listenerNames(published));
    assertEquals(Set.of("old"), published.routes().keySet());

    stream.send(response(ResourceType.ROUTE, "r2", routes("new", "unknown")));
    assertEquals(Set.of("old", "new"), config.nextConfig().routes().keySet());
  }

  @Test
  void routesWaitForAClusterThatWarms() {
    skipFirstRequests();
    stream.send(response(ResourceType.CLUSTER, "c1", cluster("a")));
    stream.send(response(ResourceType.LISTENER, "l1", listener("out", "table", "0s")));
    stream.send(response(ResourceType.ENDPOINTS, "e1", endpoints("a", 80)));
    stream.send(response(ResourceType.ROUTE, "r1", routes("table", "a")));
    assertEquals("a", clusterOf(config.nextConfigWithListeners()));

    stream.send(response(ResourceType.CLUSTER, "c2", cluster("a"), cluster("b")));
    stream.send(response(ResourceType.ROUTE, "r2", routes("table", "b")));
    stream.send(response(ResourceType.CLUSTER, "c3", cluster("a", "3s"), cluster("b")));
    assertEquals("a", clusterOf(config.nextConfig()));

    stream.send(response(ResourceType.ENDPOINTS, "e2", endpoints("b", 80)));
    assertEquals("b", clusterOf(config.nextConfig()));
  }

  @Test
  void aListenerWaitsForItsRoutesNoLongerThanTheInitialFetchTimeout() {
    skipFirstRequests();
    stream.send(response(ResourceType.CLUSTER, "c1"));
    stream.send(response(ResourceType.LISTENER, "l1", listener("out", "never", "0.05s")));

    StreamedConfig published = config.nextConfigWithListeners();

    assertEquals(List.of("out"), listenerNames(published));
    assertEquals(Set.of(), published.routes().keySet());
  }

  @Test
  void readyPortsAreToldToAControlPlaneOfWeirAlone() {
    skipFirstRequests();
    config.onControl(each -> each.readyPorts(List.of(8080)));
    stream.send(response(ResourceType.CLUSTER, "c1"));
    assertAck(stream.next(), ResourceType.CLUSTER, "c1");
    stream.send(
        response(ResourceType.LISTENER, "l1").toBuilder()
            .setControlPlane(ControlPlane.newBuilder().setIdentifier("weir/1"))
            .build());
    assertAck(stream.next(), ResourceType.LISTENER, "l1");

    DiscoveryRequest health = stream.next();
    assertEquals(DiscoveryStream.HEALTH_TYPE, health.getTypeUrl());
    assertEquals(List.of("8080"), health.getResourceNamesList());

    config.onControl(each -> each.readyPorts(List.of()));
    assertEquals(0, stream.next().getResourceNamesCount());
  }

  @Test
  void bytesThatAreNoResourceAreRefusedByPlaceAndByName() {
    skipFirstRequests();
    Any noMessage =
        Any.newBuilder()
            .setTypeUrl(ResourceType.CLUSTER.typeUrl())
            .setValue(com.google.protobuf.ByteString.fromHex("0aff01"))
            .build();
    stream.send(
        response(ResourceType.CLUSTER, "c1", noMessage, endpoints("app", 1), cluster("ok")));

    String reason = stream.next().getErrorDetail().getMessage();
    assertTrue(reason.startsWith("cluster \"#0\": its bytes are no message"), reason);
    assertTrue(
        reason.contains("cluster \"app\": is a " + ResourceType.ENDPOINTS.typeUrl()), reason);
    assertEquals(List.of("ok"), stream.next().getResourceNamesList());
  }

  private void skipFirstRequests() {
    stream.next();
    stream.next();
  }

  private static void assertAck(DiscoveryRequest request, ResourceType type, String version) {
    assertEquals(type.typeUrl(), request.getTypeUrl());
    assertEquals(version, request.getVersionInfo());
    assertEquals("nonce-" + version, request.getResponseNonce());
    assertFalse(request.hasErrorDetail(), request::toString);
  }

  private static DiscoveryResponse response(ResourceType type, String version, Any... resources) {
    return DiscoveryResponse.newBuilder()
        .setTypeUrl(type.typeUrl())
        .setVersionInfo(version)
        .setNonce("nonce-" + version)
        .addAllResources(List.of(resources))
        .build();
  }

  private static List<String> clusterNames(StreamedConfig config) {
    return config.clusters().stream().map(Cluster::name).toList();
  }

  private static List<String> listenerNames(StreamedConfig config) {
    return config.listeners().stream().map(Listener::name).toList();
  }

  private static String clusterOf(StreamedConfig config) {
    RouteConfiguration table = Objects.requireNonNull(config.routes().get("table"));
    var action = table.virtualHosts().getFirst().routes().getFirst().action();
    return ((RouteAction.Forward) action).weighted().getFirst().cluster();
  }
}
