package dev.weir.sidecar.xds;

import static dev.weir.sidecar.xds.AdsResponses.send;
import static dev.weir.sidecar.xds.SourceResources.cluster;
import static dev.weir.sidecar.xds.SourceResources.grpc;
import static dev.weir.sidecar.xds.SourceResources.listener;
import static dev.weir.sidecar.xds.TestDynamicConfig.brokenCluster;
import static dev.weir.sidecar.xds.TestDynamicConfig.endpoints;
import static dev.weir.sidecar.xds.TestDynamicConfig.routes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.sidecar.testkit.AdsBootstrap;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole sidecar whose types each come by a stream of their own. */
class StreamSourcesTest {
  private static final String CLUSTERS = "envoy.service.cluster.v3.ClusterDiscoveryService/";
  private static final String ENDPOINTS = "envoy.service.endpoint.v3.EndpointDiscoveryService/";
  private static final String LISTENERS = "envoy.service.listener.v3.ListenerDiscoveryService/";
  private static final String ROUTES = "envoy.service.route.v3.RouteDiscoveryService/";

  @TempDir private Path state;
  private final ByteArrayOutputStream complaints = new ByteArrayOutputStream();
  private TestUpstream even;
  private TestUpstream odd;
  private AdsTestServer server;

  @BeforeEach
  void start() throws IOException {
    even = TestUpstream.replying("even");
    odd = TestUpstream.replying("odd");
    server = new AdsTestServer();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    odd.close();
    even.close();
  }

  private TestSidecar sidecar(String apiType, Optional<Path> lastGood) {
    return TestSidecar.start(
        SourceResources.bootstrap(
            grpc(apiType), grpc(apiType), server.port(), "http2_protocol_options: {}"),
        1,
        lastGood,
        new PrintStream(complaints, true, StandardCharsets.UTF_8));
  }

  private static boolean answers(TestSidecar sidecar, String body) {
    if (!sidecar.sidecar().addresses().containsKey("in")) {
      return false;
    }
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.get("/").body().equals(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void eachTypeHasItsOwnStreamInStateOfTheWorldAndAChangeReachesTraffic() {
    try (TestSidecar sidecar = sidecar("GRPC", Optional.empty())) {
      String source = grpc("GRPC");
      var clusters = server.sotw(CLUSTERS + "StreamClusters");
      DiscoveryRequest first = clusters.next();
      assertEquals("cart-0", first.getNode().getId());
      assertEquals(ResourceType.CLUSTER.typeUrl(), first.getTypeUrl());
      send(clusters, ResourceType.CLUSTER, "c1", cluster("a", source), cluster("b", source));
      assertEquals("c1", clusters.next().getVersionInfo());

      var eds = server.sotw(ENDPOINTS + "StreamEndpoints");
      DiscoveryRequest asked = eds.next();
      assertEquals(List.of("a", "b"), asked.getResourceNamesList());
      assertEquals("cart-0", asked.getNode().getId());
      send(eds, ResourceType.ENDPOINTS, "e1", endpoints("a", even.port()), endpoints("b", 1));
      assertEquals("e1", eds.next().getVersionInfo());

      var listeners = server.sotw(LISTENERS + "StreamListeners");
      listeners.next();
      send(listeners, ResourceType.LISTENER, "l1", listener("table", source));
      var rds = server.sotw(ROUTES + "StreamRoutes");
      assertEquals(List.of("table"), rds.next().getResourceNamesList());
      send(rds, ResourceType.ROUTE, "r1", routes("table", "a"));
      Await.until(() -> answers(sidecar, "even"));

      send(eds, ResourceType.ENDPOINTS, "e2", endpoints("a", odd.port()), endpoints("b", 1));
      Await.until(() -> answers(sidecar, "odd"));

      send(clusters, ResourceType.CLUSTER, "c2", cluster("a", source), cluster("c", source));
      assertEquals("c2", clusters.next().getVersionInfo());
      assertEquals("e2", eds.next().getVersionInfo());
      assertEquals(List.of("a", "c"), eds.next().getResourceNamesList());
      assertEquals(0, server.waiting(ENDPOINTS + "StreamEndpoints"), "equal sources share one");
    }
  }

  @Test
  void eachTypeHasItsOwnStreamInDeltaAndAChangeReachesTraffic() {
    try (TestSidecar sidecar = sidecar("DELTA_GRPC", Optional.empty())) {
      String source = grpc("DELTA_GRPC");
      var clusters = server.delta(CLUSTERS + "DeltaClusters");
      assertEquals("cart-0", clusters.next().getNode().getId());
      send(clusters, ResourceType.CLUSTER, "c1", List.of(), resource("a", cluster("a", source)));
      assertEquals("c1", clusters.next().getResponseNonce());

      var eds = server.delta(ENDPOINTS + "DeltaEndpoints");
      assertEquals(List.of("a"), eds.next().getResourceNamesSubscribeList());
      send(
          eds, ResourceType.ENDPOINTS, "e1", List.of(), resource("a", endpoints("a", even.port())));
      assertEquals("e1", eds.next().getResponseNonce());

      var listeners = server.delta(LISTENERS + "DeltaListeners");
      listeners.next();
      send(
          listeners,
          ResourceType.LISTENER,
          "l1",
          List.of(),
          resource("in", listener("table", source)));
      var rds = server.delta(ROUTES + "DeltaRoutes");
      assertEquals(List.of("table"), rds.next().getResourceNamesSubscribeList());
      send(rds, ResourceType.ROUTE, "r1", List.of(), resource("table", routes("table", "a")));
      Await.until(() -> answers(sidecar, "even"));

      send(clusters, ResourceType.CLUSTER, "c2", List.of(), resource("b", cluster("b", source)));
      assertEquals("c2", clusters.next().getResponseNonce());
      assertEquals(List.of("b"), eds.next().getResourceNamesSubscribeList());
      send(eds, ResourceType.ENDPOINTS, "e2", List.of(), resource("b", endpoints("b", odd.port())));
      send(rds, ResourceType.ROUTE, "r2", List.of(), resource("table", routes("table", "b")));
      Await.until(() -> answers(sidecar, "odd"));
    }
  }

  @Test
  void aBadResourceIsNackedOnTheStreamThatBroughtIt() {
    try (TestSidecar _ = sidecar("GRPC", Optional.empty())) {
      var clusters = server.sotw(CLUSTERS + "StreamClusters");
      clusters.next();
      send(clusters, ResourceType.CLUSTER, "c1", brokenCluster("a"));

      assertEquals(
          "cluster \"a\": lb_policy: RING_HASH is not supported",
          clusters.next().getErrorDetail().getMessage());
    }
  }

  @Test
  void aSourceIsOfAClusterOfTheBootstrapThatIsNotOfTypeEds() {
    try (TestSidecar _ = sidecar("GRPC", Optional.empty())) {
      String source = grpc("GRPC").replace("cluster_name: xds", "cluster_name: b");
      var clusters = server.sotw(CLUSTERS + "StreamClusters");
      clusters.next();
      send(
          clusters,
          ResourceType.CLUSTER,
          "c1",
          cluster("a", source),
          cluster("b", grpc("GRPC")),
          cluster("c", "{ads: {}}"));

      assertEquals(
          "cluster \"a\": eds_cluster_config.eds_config: \"b\" must be a cluster of the bootstrap"
              + " that is not of type EDS\n"
              + "cluster \"c\": eds_cluster_config.eds_config: streams over the bootstrap's"
              + " ads_config, which is not set",
          clusters.next().getErrorDetail().getMessage());
    }
  }

  @Test
  void aSecretOfAnyChainIsOfSuchASourceToo() {
    try (TestSidecar _ = sidecar("GRPC", Optional.empty())) {
      var listeners = server.sotw(LISTENERS + "StreamListeners");
      listeners.next();
      send(
          listeners,
          ResourceType.LISTENER,
          "l1",
          TestDynamicConfig.any(
              Listener.getDefaultInstance(),
              """
              name: in
              address: {socket_address: {address: 127.0.0.1, port_value: 0}}
              default_filter_chain:
                transport_socket:
                  name: tls
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext
                    common_tls_context: {tls_certificate_sds_secret_configs: [{name: own, sds_config: {ads: {}}}]}
                filters:
                - name: tcp
                  typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: xds}
              """));

      assertEquals(
          "listener \"in\": default_filter_chain.transport_socket.typed_config: the secret"
              + " \"own\": streams over the bootstrap's ads_config, which is not set",
          listeners.next().getErrorDetail().getMessage());
    }
  }

  @Test
  void aStreamThatEndsIsOpenedAgainAndTellsWhatIsInForce() {
    try (TestSidecar _ = sidecar("DELTA_GRPC", Optional.empty())) {
      String source = grpc("DELTA_GRPC");
      var clusters = server.delta(CLUSTERS + "DeltaClusters");
      clusters.next();
      send(clusters, ResourceType.CLUSTER, "c1", List.of(), resource("a", cluster("a", source)));
      assertEquals("c1", clusters.next().getResponseNonce());
      server.delta(ENDPOINTS + "DeltaEndpoints");

      clusters.fail();

      var again = server.delta(CLUSTERS + "DeltaClusters").next();
      assertEquals(Map.of("a", "1"), again.getInitialResourceVersionsMap());
      assertTrue(again.hasNode());
      assertEquals(0, server.waiting(ENDPOINTS + "DeltaEndpoints"), "the others go on");
    }
  }

  @Test
  void theAdsStreamIsConnectedAsLongAsItAnswers() {
    try (TestSidecar sidecar =
        TestSidecar.start(AdsBootstrap.yaml(AdsBootstrap.SOTW, server.port()), 1)) {
      var stream = server.sotw();
      assertEquals(0, sidecar.stat("control_plane.connected_state"));
      send(stream, ResourceType.CLUSTER, "c1");
      Await.until(() -> sidecar.stat("control_plane.connected_state") == 1);
      assertEquals(1, sidecar.stat("cluster_manager.cds.update_success"));

      stream.fail();
      Await.until(() -> sidecar.stat("control_plane.connected_state") == 0);
      assertEquals(1, sidecar.stat("cluster_manager.cds.update_failure"));
      server.sotw();
    }
  }

  @Test
  void whatNothingNamesAnyMoreIsNotStreamed() throws InterruptedException {
    try (TestSidecar _ = sidecar("GRPC", Optional.empty())) {
      var clusters = server.sotw(CLUSTERS + "StreamClusters");
      clusters.next();
      send(clusters, ResourceType.CLUSTER, "c1", cluster("a", grpc("GRPC")));
      var eds = server.sotw(ENDPOINTS + "StreamEndpoints");

      send(clusters, ResourceType.CLUSTER, "c2");

      eds.awaitEnd();
    }
  }

  @Test
  void oneNameIsOfOneSource() {
    try (TestSidecar _ = sidecar("GRPC", Optional.empty())) {
      var clusters = server.sotw(CLUSTERS + "StreamClusters");
      clusters.next();
      Any streamed = shared("a", grpc("GRPC"));
      Any fetched = shared("b", grpc("DELTA_GRPC"));
      send(clusters, ResourceType.CLUSTER, "c1", streamed);
      assertFalse(clusters.next().hasErrorDetail());
      send(clusters, ResourceType.CLUSTER, "c2", streamed, fetched);

      assertEquals(
          "cluster \"b\": endpoints \"shared\" comes from another source for \"a\": one name has one"
              + " source",
          clusters.next().getErrorDetail().getMessage());

      send(clusters, ResourceType.CLUSTER, "c3", shared("a", grpc("DELTA_GRPC")), fetched);
      assertFalse(clusters.next().hasErrorDetail(), "all at once");
      assertEquals(
          List.of("shared"),
          server.delta(ENDPOINTS + "DeltaEndpoints").next().getResourceNamesSubscribeList());
    }
  }

  private static Any shared(String name, String source) {
    return TestDynamicConfig.any(
        io.envoyproxy.envoy.config.cluster.v3.Cluster.getDefaultInstance(),
        "{name: %s, type: EDS, eds_cluster_config: {service_name: shared, eds_config: %s}}"
            .formatted(name, source));
  }

  @Test
  void aSidecarStartsFromTheDiskWhileItsSourcesAreAway() {
    Path lastGood = state.resolve("last-good");
    try (TestSidecar sidecar = sidecar("GRPC", Optional.of(lastGood))) {
      String source = grpc("GRPC");
      send(
          server.sotw(CLUSTERS + "StreamClusters"),
          ResourceType.CLUSTER,
          "c1",
          cluster("a", source));
      send(
          server.sotw(ENDPOINTS + "StreamEndpoints"),
          ResourceType.ENDPOINTS,
          "e1",
          endpoints("a", even.port()));
      send(
          server.sotw(LISTENERS + "StreamListeners"),
          ResourceType.LISTENER,
          "l1",
          listener("table", source));
      send(server.sotw(ROUTES + "StreamRoutes"), ResourceType.ROUTE, "r1", routes("table", "a"));
      Await.until(() -> answers(sidecar, "even"));
    }
    server.close();

    try (TestSidecar sidecar = sidecar("GRPC", Optional.of(lastGood))) {
      Await.until(() -> answers(sidecar, "even"));
    }
    String told = complaints.toString(StandardCharsets.UTF_8);
    assertTrue(told.contains("the last good configuration"), told);
  }

  private static Resource resource(String name, Any body) {
    return AdsResponses.resource(name, "1", body);
  }
}
