package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.testkit.Await;
import dev.weir.testkit.KubeApi;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which routes a real API server refuses when it asks by the chart's webhooks. */
@Tag("kubernetes")
class RouteAdmissionTest {
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: %s, namespace: %s}
      spec:
        parentRefs: [%s]
        rules: [{filters: [%s], backendRefs: [%s]}]
      """;

  private static final String WRONG =
      "{type: ExtensionRef, extensionRef: {group: a.example, kind: A, name: a}}";
  private static final String SERVICE = "{group: '', kind: Service, name: cart}";
  private static final String GATEWAY = "{name: edge}";
  private static final String CART = "{name: cart, port: 80}";

  @TempDir Path folder;

  @Test
  void thoseOfTheMeshThatAreWrongByThemselvesAndNoOthers() throws Exception {
    try (KubeApi api = ClusterMesh.withRoutes(folder);
        ClusterMesh mesh = new ClusterMesh(folder, api)) {
      mesh.beAsked();
      api.namespace("edge");
      String wrong = ROUTE.formatted("wrong", "shop", SERVICE, WRONG, CART);
      // The server asks by a webhook a moment after that is stored.
      Await.until(() -> isRefused(mesh, wrong));
      AssertionError refused = assertThrows(AssertionError.class, () -> mesh.apply(wrong));
      assertTrue(
          String.valueOf(refused.getMessage())
              .contains(
                  "\"routes.validation.weir.dev\" denied the request:"
                      + " spec.rules[0].filters[0].extensionRef: not supported yet"),
          refused::toString);

      mesh.apply(ROUTE.formatted("gateways", "shop", GATEWAY, WRONG, CART));
      mesh.apply(ROUTE.formatted("both", "shop", GATEWAY + ", " + SERVICE, WRONG, CART));
      mesh.apply(ROUTE.formatted("others", "edge", SERVICE, WRONG, CART));

      mesh.apply(ROUTE.formatted("lost", "shop", SERVICE, "", "{name: gone, port: 80}"));
      mesh.apply(
          ROUTE.formatted(
              "kind", "shop", SERVICE, "", "{group: a.example, kind: Bucket, name: b, port: 80}"));
      for (String name : new String[] {"lost", "kind"}) {
        Await.until(
            () ->
                mesh.ofRoute("HTTPRoute", name, "ResolvedRefs")
                    .startsWith(
                        name.equals("lost") ? "False BackendNotFound" : "False InvalidKind"),
            () -> name + ": " + mesh.ofRoute("HTTPRoute", name, "ResolvedRefs"));
      }
      assertEquals("", mesh.ofRoute("HTTPRoute", "gateways", "Accepted"));
    }
  }

  private static boolean isRefused(ClusterMesh mesh, String yaml) {
    try {
      mesh.apply(yaml);
      mesh.api.kubectl("delete", "httproute/wrong", "--namespace=shop");
      return false;
    } catch (AssertionError refused) {
      return true;
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }
}
