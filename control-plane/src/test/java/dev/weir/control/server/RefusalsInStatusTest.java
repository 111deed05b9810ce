package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.compile.xds.ResourceType;
import dev.weir.testkit.Await;
import dev.weir.testkit.KubeApi;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sidecar refuses, on the resources of a real API server that it follows from. */
@Tag("kubernetes")
class RefusalsInStatusTest {
  private static final String RESOURCES =
      """
      apiVersion: weir.dev/v1alpha1
      kind: MeshConfig
      metadata: {name: default, namespace: weir-system}
      spec: {outbound: Any}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: db, namespace: shop}
      spec: {ports: [{name: tcp, port: 5432}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: TCPRoute
      metadata: {name: db, namespace: shop}
      spec:
        parentRefs: [{group: "", kind: Service, name: db}]
        rules: [{backendRefs: [{name: db, port: 5432}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: checkout, namespace: shop}
      spec:
        parentRefs: [{group: "", kind: Service, name: cart}]
        rules:
        - backendRefs: [{name: cart, port: 80}]
          filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-tier, value: "%s"}]}}]
      """;

  private static final String CART = "outbound|80|shop/cart";
  private static final String REASON =
      "virtual_hosts[0].routes[0].request_headers_to_add[0]: not with this sidecar";
  private static final String IN_FORCE = "True Programmed: in force in 1 of 1 proxies";
  private static final String REFUSED =
      "False Refused: in force in 0 of 1 proxies; refused by cart-0.shop: %s: %s"
          .formatted(CART, REASON);

  @TempDir Path folder;

  private static void awaitSaid(String said, Supplier<String> saying) {
    Await.until(() -> saying.get().equals(said), saying);
  }

  @Test
  void isOnThePolicyAndTheRouteWithWhoAndWhyAndGoesWhenTheNextIsTaken() throws Exception {
    try (KubeApi api = ClusterMesh.withRoutes(folder)) {
      try (ClusterMesh mesh = new ClusterMesh(folder, api);
          DeltaClient sidecar = mesh.sidecar("cart-account")) {
        mesh.apply(RESOURCES.formatted("1"));
        Supplier<String> policy = () -> mesh.condition("ResiliencePolicy", "cart", "Programmed");
        Supplier<String> route = () -> mesh.ofRoute("HTTPRoute", "checkout", "weir.dev/Programmed");
        Supplier<String> bytes = () -> mesh.ofRoute("TCPRoute", "db", "weir.dev/Programmed");
        Supplier<String> config = () -> mesh.ofMeshConfig("Programmed");
        String nobody = "False NoProxies: no connected proxy is concerned";
        List.of(route, bytes, config).forEach(of -> awaitSaid(nobody, of));
        sidecar.subscribe(ResourceType.LISTENER, "*");
        sidecar.nextAcked(ResourceType.LISTENER);
        List.of(bytes, config).forEach(of -> awaitSaid(IN_FORCE, of));

        sidecar.subscribe(ResourceType.ROUTES, CART);
        DeltaDiscoveryResponse routes = sidecar.next(ResourceType.ROUTES);
        awaitSaid("False Pending: in force in 0 of 1 proxies", route);
        sidecar.nack(routes, CART + ": " + REASON);
        List.of(policy, route).forEach(of -> awaitSaid(REFUSED, of));
        for (String name : List.of("cart", "checkout")) {
          Await.until(
              () -> mesh.events(name).equals(List.of("Warning Refused")),
              () -> name + ": " + mesh.events(name) + ", told: " + mesh.told);
        }
        assertEquals("True Accepted: it holds", mesh.ofRoute("HTTPRoute", "checkout", "Accepted"));
        assertEquals(IN_FORCE, bytes.get());
        assertEquals(IN_FORCE, config.get());

        mesh.apply(RESOURCES.formatted("2"));
        sidecar.nextAcked(ResourceType.ROUTES);
        List.of(policy, route).forEach(of -> awaitSaid(IN_FORCE, of));
        assertEquals(List.of("Warning Refused"), mesh.events("checkout"));
      }
    }
  }
}
