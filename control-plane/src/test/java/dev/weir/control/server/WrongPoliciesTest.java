package dev.weir.control.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.compile.xds.ResourceType;
import dev.weir.testkit.Await;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes in a cluster of policies that are wrong, each in its own way. */
@Tag("kubernetes")
class WrongPoliciesTest {
  private static final Path POLICIES = Path.of("src/test/resources/wrong-policies.yaml");

  private static final String POLICY =
      """
      apiVersion: weir.dev/v1alpha1
      kind: %s
      metadata: {name: %s, namespace: shop}
      spec: %s
      """;

  @TempDir Path folder;

  private static List<?> policies() throws IOException {
    return new KubernetesSerialization().unmarshal(Files.readString(POLICIES), List.class);
  }

  /** Refused when it is written, or by its status; with what is wrong, and no proxy sees it. */
  @Test
  void eachIsRefusedWithWhatIsWrongAndNoneReachesAProxy() throws Exception {
    List<String> otherwise = new ArrayList<>();
    int atOnce = 0;
    int byStatus = 0;
    try (ClusterMesh mesh = new ClusterMesh(folder)) {
      mesh.beAsked();
      DeltaClient sidecar = mesh.sidecar("cart-account");
      sidecar.subscribe(ResourceType.LISTENER, "*");
      sidecar.nextAcked(ResourceType.LISTENER);
      sidecar.subscribe(ResourceType.ROUTES, "outbound|80|shop/cart");
      sidecar.nextAcked(ResourceType.ROUTES);
      for (Object one : policies()) {
        Map<?, ?> policy = (Map<?, ?>) one;
        String kind = String.valueOf(policy.get("kind"));
        String name = "wrong-" + (atOnce + byStatus);
        String said;
        try {
          mesh.apply(POLICY.formatted(kind, name, policy.get("spec")));
          byStatus++;
          Await.until(
              () -> mesh.condition(kind, name, "Accepted").startsWith("False"),
              () -> policy + " " + mesh.condition(kind, name, "Accepted"));
          said = mesh.condition(kind, name, "Accepted");
        } catch (AssertionError refused) {
          atOnce++;
          said = String.valueOf(refused.getMessage());
        }
        if (!said.contains(String.valueOf(policy.get("said")))) {
          otherwise.add(policy + "\n    " + said);
        }
      }
      assertEquals(List.of(), otherwise);
      assertTrue(atOnce > 0 && byStatus > 0, atOnce + " at once, " + byStatus + " by their status");
      // What comes next is of what is right; nothing else has come before.
      mesh.apply(
          POLICY.formatted(
              "ResiliencePolicy",
              "cart",
              "{targetRefs: [{group: '', kind: Service, name: cart}], timeouts: {request: 3s}}"));
      String routes =
          sidecar
              .nextAcked(ResourceType.ROUTES)
              .getResources(0)
              .getResource()
              .unpack(RouteConfiguration.class)
              .toString();
      assertTrue(routes.contains("seconds: 3"), routes);
    }
    System.out.println(atOnce + " refused at once, " + byStatus + " by their status");
  }
}
