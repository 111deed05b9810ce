package dev.weir.sidecar.xds.store;

import static dev.weir.sidecar.xds.TestDynamicConfig.brokenCluster;
import static dev.weir.sidecar.xds.TestDynamicConfig.cluster;
import static dev.weir.sidecar.xds.TestDynamicConfig.endpoints;
import static dev.weir.sidecar.xds.TestDynamicConfig.listener;
import static dev.weir.sidecar.xds.TestDynamicConfig.routes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.sidecar.xds.TestDynamicConfig;
import dev.weir.sidecar.xds.disk.LastGoodFile;
import dev.weir.testkit.AdsTestServer;
import dev.weir.testkit.ClosedPort;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LastGoodConfigTest {
  @TempDir private Path folder;
  private Path path;

  @BeforeEach
  void name() {
    path = folder.resolve("last-good");
  }

  @Test
  void aSidecarStartsWithoutItsControlPlane() throws Exception {
    write(
        resource(ResourceType.CLUSTER, "app", cluster("app")),
        resource(ResourceType.ENDPOINTS, "app", endpoints("app", 80)),
        resource(ResourceType.LISTENER, "out", listener("out", "table", "0s")),
        resource(ResourceType.ROUTE, "table", routes("table", "app")));
    try (ClosedPort closed = new ClosedPort();
        TestDynamicConfig config = start(closed.port())) {
      StreamedConfig published = config.nextConfigWithListeners();

      assertEquals(Set.of("table"), published.routes().keySet());
      assertEquals(Set.of("app"), published.endpoints().keySet());
      assertTrue(AdsTestServer.take(config.initialized));
      String line = AdsTestServer.take(config.log);
      assertTrue(
          line.matches(
              "xds: the control plane at cluster xds cannot be reached \\(gRPC status 14: .*\\); the"
                  + " last good configuration \\(of [-0-9]{10} [:0-9]{8}\\) is in force; trying until"
                  + " it answers"),
          line);
    }
  }

  @Test
  void aControlPlaneThatComesBackIsToldWhatIsInForce() throws Exception {
    write(
        resource(ResourceType.CLUSTER, "app", cluster("app")),
        resource(ResourceType.ENDPOINTS, "app", endpoints("app", 80)));
    try (AdsTestServer server = new AdsTestServer();
        TestDynamicConfig config = start(server.port())) {
      server.delta().fail();
      var stream = server.delta();

      assertEquals(Map.of("app", "7"), stream.next().getInitialResourceVersionsMap());
      DeltaDiscoveryRequest eds = stream.next();
      assertEquals(List.of("app"), eds.getResourceNamesSubscribeList());
      assertEquals(Map.of("app", "7"), eds.getInitialResourceVersionsMap());

      stream.next();
      stream.send(
          DeltaDiscoveryResponse.newBuilder()
              .setTypeUrl(ResourceType.CLUSTER.typeUrl())
              .addRemovedResources("app")
              .build());
      assertEquals(List.of("xds"), names(afterRestore(config)));
    }
  }

  /** It had asked before the file was read, and so would never be told of what is gone. */
  @Test
  void aStreamThatIsNotAnsweredInTimeBeginsAnewWithWhatIsInForce() throws Exception {
    write(
        resource(ResourceType.CLUSTER, "gone", cluster("gone")),
        resource(ResourceType.ENDPOINTS, "gone", endpoints("gone", 80)));
    try (AdsTestServer server = new AdsTestServer();
        TestDynamicConfig config = start(server.port())) {
      assertEquals(Map.of(), server.delta().next().getInitialResourceVersionsMap());
      var stream = server.delta();

      assertEquals(Map.of("gone", "7"), stream.next().getInitialResourceVersionsMap());
      assertEquals(Map.of("gone", "7"), stream.next().getInitialResourceVersionsMap());
      config.nextConfig();
      assertEquals(List.of("xds", "gone"), names(config.nextConfig()));
      stream.send(
          DeltaDiscoveryResponse.newBuilder()
              .setTypeUrl(ResourceType.CLUSTER.typeUrl())
              .addRemovedResources("gone")
              .build());
      assertEquals(List.of("xds"), names(config.nextConfig()));
    }
  }

  @Test
  void whatNoLongerParsesIsLeftOutAlone() throws Exception {
    write(
        resource(ResourceType.CLUSTER, "bad", brokenCluster("bad")),
        resource(ResourceType.CLUSTER, "app", cluster("app")),
        resource(ResourceType.ENDPOINTS, "app", endpoints("app", 80)));
    try (ClosedPort closed = new ClosedPort();
        TestDynamicConfig config = start(closed.port())) {
      assertEquals(List.of("xds"), names(config.nextConfig()));
      assertEquals(List.of("xds", "app"), names(config.nextConfig()));
    }
  }

  @Test
  void aDamagedFileIsOneWarningAndTheStreamGoesOn() throws Exception {
    Files.writeString(path, "damaged");
    try (AdsTestServer server = new AdsTestServer();
        TestDynamicConfig config = start(server.port())) {
      server.delta().fail();
      server.delta();

      assertEquals(
          path
              + ": the last good configuration is not used: it is no such file, or another"
              + " version's; it is written anew once the control plane has answered",
          AdsTestServer.take(config.log));
      assertTrue(
          AdsTestServer.take(config.log).contains("nothing that it should send is in force"));
    }
  }

  @Test
  void whatIsInForceIsWrittenWhenTheFirstStateIsComplete() throws Exception {
    try (AdsTestServer server = new AdsTestServer();
        TestDynamicConfig config = start(server.port())) {
      var stream = server.delta();
      stream.send(delta(ResourceType.CLUSTER, "app", cluster("app")));
      stream.send(delta(ResourceType.ENDPOINTS, "app", endpoints("app", 80)));
      stream.send(
          DeltaDiscoveryResponse.newBuilder().setTypeUrl(ResourceType.LISTENER.typeUrl()).build());
      AdsTestServer.take(config.initialized);
    }

    List<Resource> written = new LastGoodFile(path, "cart-0", line -> {}).read().orElseThrow();
    assertEquals(
        List.of(ResourceType.CLUSTER, ResourceType.ENDPOINTS),
        written.stream().map(Resource::type).toList());
  }

  @Test
  void aFirstStateThatIsCompleteByATimeoutIsWritten() throws Exception {
    try (AdsTestServer server = new AdsTestServer();
        TestDynamicConfig config = start(server.port())) {
      var stream = server.delta();
      stream.send(
          DeltaDiscoveryResponse.newBuilder().setTypeUrl(ResourceType.LISTENER.typeUrl()).build());
      stream.send(
          delta(
              ResourceType.CLUSTER,
              "app",
              TestDynamicConfig.any(
                  io.envoyproxy.envoy.config.cluster.v3.Cluster.getDefaultInstance(),
                  "{name: app, type: EDS, eds_cluster_config: {eds_config: {ads: {},"
                      + " initial_fetch_timeout: 0.05s}}}")));
      AdsTestServer.take(config.initialized);
    }

    List<Resource> written = new LastGoodFile(path, "cart-0", line -> {}).read().orElseThrow();
    assertEquals(List.of("app"), written.stream().map(Resource::name).toList());
  }

  private static StreamedConfig afterRestore(TestDynamicConfig config) {
    StreamedConfig first = config.nextConfig();
    assertEquals(List.of("xds"), names(first));
    assertEquals(List.of("xds", "app"), names(config.nextConfig()));
    return config.nextConfig();
  }

  private TestDynamicConfig start(int port) {
    return new TestDynamicConfig(port, "DELTA_GRPC", Duration.ZERO, Optional.of(path));
  }

  private void write(Resource... resources) {
    new LastGoodFile(path, "cart-0", line -> {}).write(List.of(resources));
  }

  private static Resource resource(ResourceType type, String name, Any body) {
    return new Resource(type, name, "7", body);
  }

  private static DeltaDiscoveryResponse delta(ResourceType type, String name, Any body) {
    return DeltaDiscoveryResponse.newBuilder()
        .setTypeUrl(type.typeUrl())
        .addResources(
            io.envoyproxy.envoy.service.discovery.v3.Resource.newBuilder()
                .setName(name)
                .setVersion("1")
                .setResource(body))
        .build();
  }

  private static List<String> names(StreamedConfig config) {
    return config.clusters().stream().map(Cluster::name).toList();
  }
}
