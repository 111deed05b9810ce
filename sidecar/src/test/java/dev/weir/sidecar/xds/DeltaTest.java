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
import dev.weir.sidecar.xds.store.StreamedConfig;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.AdsTestServer.Conversation;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.ControlPlane;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class DeltaTest {
  private AdsTestServer server;
  private TestDynamicConfig config;
  private Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream;

  @BeforeEach
  void connect() throws Exception {
    server = new AdsTestServer();
    config = new TestDynamicConfig(server.port(), "DELTA_GRPC", Duration.ZERO);
    stream = server.delta();
    assertEquals("xds", config.nextConfig().clusters().getFirst().name());
    DeltaDiscoveryRequest first = stream.next();
    assertEquals(ResourceType.CLUSTER.typeUrl(), first.getTypeUrl());
    assertEquals("cart-0", first.getNode().getId());
    assertEquals("cart", first.getNode().getCluster());
    DeltaDiscoveryRequest second = stream.next();
    assertEquals(ResourceType.LISTENER.typeUrl(), second.getTypeUrl());
    assertFalse(second.hasNode());
  }

  @AfterEach
  void close() throws Exception {
    config.close();
    server.close();
  }

  @Test
  void endpointsAreAskedForByTheServicesName() {
    io.envoyproxy.envoy.config.cluster.v3.Cluster named =
        io.envoyproxy.envoy.config.cluster.v3.Cluster.newBuilder()
            .setName("a")
            .setType(io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType.EDS)
            .setEdsClusterConfig(
                io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig.newBuilder()
                    .setServiceName("a.shop")
                    .setEdsConfig(
                        ConfigSource.newBuilder()
                            .setAds(AggregatedConfigSource.getDefaultInstance())))
            .build();
    stream.send(response(ResourceType.CLUSTER, "n1", resource("a", "1", Any.pack(named))));
    stream.next();
    assertEquals(List.of("a.shop"), stream.next().getResourceNamesSubscribeList());
  }

  @Test
  void whatIsReferredToIsSubscribedAndWhatNoLongerIsUnsubscribed() {
    stream.send(
        response(
            ResourceType.CLUSTER,
            "n1",
            resource("a", "1", cluster("a")),
            resource("b", "1", cluster("b"))));
    assertEquals("n1", stream.next().getResponseNonce());
    DeltaDiscoveryRequest eds = stream.next();
    assertEquals(ResourceType.ENDPOINTS.typeUrl(), eds.getTypeUrl());
    assertEquals(List.of("a", "b"), eds.getResourceNamesSubscribeList());

    stream.send(
        response(ResourceType.CLUSTER, "n2", resource("c", "1", cluster("c"))).toBuilder()
            .addRemovedResources("a")
            .build());
    assertEquals("n2", stream.next().getResponseNonce());
    DeltaDiscoveryRequest change = stream.next();
    assertEquals(List.of("c"), change.getResourceNamesSubscribeList());
    assertEquals(List.of("a"), change.getResourceNamesUnsubscribeList());
  }

  @Test
  void theWholePathIsPublishedOnceItIsThere() {
    stream.send(
        response(
            ResourceType.LISTENER, "n1", resource("out", "1", listener("out", "table", "0s"))));
    stream.send(response(ResourceType.CLUSTER, "n2", resource("app", "1", cluster("app"))));
    stream.send(response(ResourceType.ROUTE, "n3", resource("table", "1", routes("table", "app"))));
    stream.send(response(ResourceType.ENDPOINTS, "n4", resource("app", "1", endpoints("app", 80))));

    StreamedConfig published = config.nextConfig();

    assertEquals(1, published.listeners().size());
    assertEquals(Set.of("table"), published.routes().keySet());
    assertEquals(Set.of("app"), published.endpoints().keySet());
  }

  @Test
  void aBadResourceIsNackedAndNotAmongTheVersionsOfAReconnect() {
    stream.send(
        response(
            ResourceType.CLUSTER,
            "n1",
            resource("a", "1", cluster("a")),
            resource("b", "1", cluster("b"))));
    assertFalse(stream.next().hasErrorDetail());
    stream.next();
    stream.send(
        response(
            ResourceType.CLUSTER,
            "n2",
            resource("a", "2", brokenCluster("a")),
            resource("b", "2", cluster("b", "2s"))));
    DeltaDiscoveryRequest nack = stream.next();
    assertEquals("n2", nack.getResponseNonce());
    assertEquals(
        "cluster \"a\": lb_policy: RING_HASH is not supported", nack.getErrorDetail().getMessage());

    stream.fail();
    Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> next = server.delta();

    DeltaDiscoveryRequest first = next.next();
    assertEquals(Map.of("a", "1", "b", "2"), first.getInitialResourceVersionsMap());
    assertTrue(first.hasNode());
    assertEquals(List.of("a", "b"), next.next().getResourceNamesSubscribeList());
  }

  /** Endpoints cross the request that no longer wants them, and are not kept. */
  @Test
  void whatCameWhenItWasNoLongerWantedIsNotAmongTheVersionsOfAReconnect() {
    stream.send(response(ResourceType.CLUSTER, "n1", resource("b", "1", cluster("b"))));
    stream.send(response(ResourceType.CLUSTER, "n2").toBuilder().addRemovedResources("b").build());
    stream.send(response(ResourceType.ENDPOINTS, "n3", resource("b", "5", endpoints("b", 80))));
    stream.send(response(ResourceType.CLUSTER, "n4", resource("b", "2", cluster("b"))));
    awaitAck("n4");
    assertEquals(List.of("b"), stream.next().getResourceNamesSubscribeList());

    stream.fail();
    Conversation<DeltaDiscoveryRequest, DeltaDiscoveryResponse> next = server.delta();

    assertEquals(Map.of("b", "2"), next.next().getInitialResourceVersionsMap());
    DeltaDiscoveryRequest eds = next.next();
    assertEquals(List.of("b"), eds.getResourceNamesSubscribeList());
    assertEquals(Map.of(), eds.getInitialResourceVersionsMap());
  }

  private void awaitAck(String nonce) {
    String answered = "";
    while (!answered.equals(nonce)) {
      answered = stream.next().getResponseNonce();
    }
  }

  @Test
  void aRemovedClusterIsGoneAndItsEndpointsWithIt() {
    stream.send(
        response(
            ResourceType.CLUSTER,
            "n1",
            resource("a", "1", cluster("a")),
            resource("b", "1", cluster("b"))));
    stream.send(
        response(
            ResourceType.ENDPOINTS,
            "n2",
            resource("a", "1", endpoints("a", 80)),
            resource("b", "1", endpoints("b", 80))));
    assertEquals(List.of("xds", "a", "b"), clusterNames(config.nextConfig()));

    stream.send(response(ResourceType.CLUSTER, "n3").toBuilder().addRemovedResources("a").build());

    StreamedConfig published = config.nextConfig();
    assertEquals(List.of("xds", "b"), clusterNames(published));
    assertEquals(Set.of("b"), published.endpoints().keySet());
  }

  @Test
  void aNameThatIsNotTheResourcesOwnIsRefused() {
    stream.send(response(ResourceType.CLUSTER, "n1", resource("a", "1", cluster("b"))));

    assertEquals("cluster \"a\": calls itself \"b\"", stream.next().getErrorDetail().getMessage());
  }

  @Test
  void aStaticClusterIsNotReplaced() {
    stream.send(response(ResourceType.CLUSTER, "n1", resource("xds", "1", cluster("xds"))));

    assertEquals(
        "cluster \"xds\": a static one of the bootstrap has this name",
        stream.next().getErrorDetail().getMessage());
  }

  @Test
  void readyPortsAreSubscribedTo() {
    config.onControl(each -> each.readyPorts(List.of(8080, 9090)));
    stream.send(
        response(ResourceType.CLUSTER, "n1").toBuilder()
            .setControlPlane(ControlPlane.newBuilder().setIdentifier("weir"))
            .build());
    stream.next();
    DeltaDiscoveryRequest health = stream.next();
    assertEquals(DiscoveryStream.HEALTH_TYPE, health.getTypeUrl());
    assertEquals(List.of("8080", "9090"), health.getResourceNamesSubscribeList());

    config.onControl(each -> each.readyPorts(List.of(9090)));
    assertEquals(List.of("8080"), stream.next().getResourceNamesUnsubscribeList());
  }

  private static Resource resource(String name, String version, Any body) {
    return Resource.newBuilder().setName(name).setVersion(version).setResource(body).build();
  }

  private static DeltaDiscoveryResponse response(
      ResourceType type, String nonce, Resource... resources) {
    return DeltaDiscoveryResponse.newBuilder()
        .setTypeUrl(type.typeUrl())
        .setNonce(nonce)
        .addAllResources(List.of(resources))
        .build();
  }

  private static List<String> clusterNames(StreamedConfig config) {
    return config.clusters().stream().map(Cluster::name).toList();
  }
}
