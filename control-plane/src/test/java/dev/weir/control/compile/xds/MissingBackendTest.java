package dev.weir.control.compile.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.Meshes;
import dev.weir.control.link.Linked;
import dev.weir.control.model.ObjectName;
import dev.weir.control.source.file.FolderSource;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.ClusterNotFoundResponseCode;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A route of which one backend does not exist. */
class MissingBackendTest {
  @TempDir Path folder;

  @Test
  void itsShareIsAnsweredFiveHundredAndNotGivenToTheOthers() throws IOException {
    Files.writeString(
        folder.resolve("mesh.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: a, namespace: shop}
        spec: {ports: [{name: http, port: 8080}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: a, namespace: shop}
        spec:
          parentRefs: [{group: "", kind: Service, name: a}]
          rules:
          - backendRefs:
            - {name: a, port: 8080, weight: 9}
            - {name: gone, port: 8080, weight: 1}
        """);
    Linked linked = new FolderSource(folder, Clock.systemUTC()).scan();
    assertEquals(1, linked.findings().size());
    XdsResources resources =
        WholeConfiguration.of(
            Meshes.of(linked.model()), Meshes.weirSidecar(new ObjectName("shop", "a")));
    RouteConfiguration routes =
        (RouteConfiguration)
            Objects.requireNonNull(resources.of(ResourceType.ROUTES).get("outbound|8080|shop/a"));
    RouteAction action = routes.getVirtualHosts(0).getRoutes(0).getRoute();
    assertEquals(
        List.of("outbound|8080|shop/a 9", "outbound|8080|shop/gone 1"),
        action.getWeightedClusters().getClustersList().stream()
            .map(cluster -> cluster.getName() + " " + cluster.getWeight().getValue())
            .toList());
    assertEquals(
        ClusterNotFoundResponseCode.INTERNAL_SERVER_ERROR, action.getClusterNotFoundResponseCode());
  }
}
