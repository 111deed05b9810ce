package dev.weir.control.compile.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.Meshes;
import dev.weir.control.link.Linked;
import dev.weir.control.model.ObjectName;
import dev.weir.control.source.file.Folders;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.ClusterNotFoundResponseCode;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A route of which one backend does not exist. */
class MissingBackendTest {
  @TempDir Path folder;

  /** What is compiled of the folder: a tenth of the calls to a is for {@code other}. */
  private XdsResources sharesWith(String other) {
    Linked linked = Folders.scan(folder);
    assertEquals(1, linked.findings().size());
    XdsResources resources =
        WholeConfiguration.of(
            Meshes.of(linked.model()), Meshes.weirSidecar(new ObjectName("shop", "a")));
    RouteConfiguration routes =
        (RouteConfiguration)
            Objects.requireNonNull(resources.of(ResourceType.ROUTES).get("outbound|8080|shop/a"));
    RouteAction action = routes.getVirtualHosts(0).getRoutes(0).getRoute();
    assertEquals(
        List.of("outbound|8080|shop/a 9", other + " 1"),
        action.getWeightedClusters().getClustersList().stream()
            .map(cluster -> cluster.getName() + " " + cluster.getWeight().getValue())
            .toList());
    assertEquals(
        ClusterNotFoundResponseCode.INTERNAL_SERVER_ERROR, action.getClusterNotFoundResponseCode());
    return resources;
  }

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
    sharesWith("outbound|8080|shop/gone");
  }

  @Test
  void externalNameThatDoesNotAllowItIsNoBackendAndItsShareIsNotGivenAway() throws IOException {
    Files.writeString(
        folder.resolve("mesh.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: a, namespace: shop}
        spec: {ports: [{name: http, port: 8080}]}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: out, namespace: shop}
        spec: {type: ExternalName, externalName: localhost, ports: [{name: http, port: 8080}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: a, namespace: shop}
        spec:
          parentRefs: [{group: "", kind: Service, name: a}]
          rules:
          - backendRefs: [{name: a, port: 8080, weight: 9}, {name: out, port: 8080, weight: 1}]
        """);
    XdsResources resources = sharesWith("outbound|0|shop/out");
    assertEquals(false, resources.of(ResourceType.CLUSTER).containsKey("outbound|0|shop/out"));
  }

  @Test
  void callOfAGrpcRouteWithoutABackendIsUnavailable() throws IOException {
    Files.writeString(
        folder.resolve("mesh.yaml"),
        """
        apiVersion: v1
        kind: Service
        metadata: {name: a, namespace: shop}
        spec: {ports: [{name: grpc, port: 8080}]}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: GRPCRoute
        metadata: {name: a, namespace: shop}
        spec:
          parentRefs: [{group: "", kind: Service, name: a}]
          rules:
          - matches: [{method: {service: some.Missing}}]
            backendRefs:
            - {name: a, port: 8080, weight: 9}
            - {name: gone, port: 8080, weight: 1}
          - matches: [{method: {service: all.Missing}}]
            backendRefs: [{name: gone, port: 8080}]
          - matches: [{method: {service: no.Weight}}]
            backendRefs: [{name: a, port: 8080, weight: 0}]
          - matches: [{method: {service: none.Named}}]
        """);
    Linked linked = Folders.scan(folder);
    RouteConfiguration routes =
        (RouteConfiguration)
            Objects.requireNonNull(
                WholeConfiguration.of(
                        Meshes.of(linked.model()), Meshes.weirSidecar(new ObjectName("shop", "a")))
                    .of(ResourceType.ROUTES)
                    .get("outbound|8080|shop/a"));
    assertEquals(
        List.of("all.Missing 503", "no.Weight 503", "none.Named 503", "some.Missing or else 503"),
        routes.getVirtualHosts(0).getRoutesList().stream()
            .map(MissingBackendTest::said)
            .sorted()
            .toList());
  }

  private static String said(Route route) {
    String service = route.getMatch().getPathSeparatedPrefix() + route.getMatch().getPrefix();
    return service.replace("/", "")
        + (route.hasDirectResponse()
            ? " " + route.getDirectResponse().getStatus()
            : " or else "
                + (route.getRoute().getClusterNotFoundResponseCode()
                        == ClusterNotFoundResponseCode.SERVICE_UNAVAILABLE
                    ? 503
                    : 500));
  }
}
