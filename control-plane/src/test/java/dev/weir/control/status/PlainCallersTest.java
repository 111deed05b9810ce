package dev.weir.control.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.Meshes;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.workload.Pods.Bare;
import dev.weir.protos.yaml.YamlReader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PlainCallersTest {
  private static String service(String name) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: shop}
    spec: {ports: [{name: http, port: 80}]}
    ---
    """
        .formatted(name);
  }

  private static String policy(String kind, String name, String mode) {
    return """
    apiVersion: weir.dev/v1alpha1
    kind: AuthenticationPolicy
    metadata: {name: all, namespace: shop}
    spec: {targetRefs: [{group: "", kind: %s, name: %s}], mtls: {mode: %s}}
    """
        .formatted(kind, name, mode);
  }

  private static final PlainCallers CALLERS =
      PlainCallers.of(
          new TreeMap<>(
              Map.of(
                  new ObjectName("shop", "legacy"),
                  new Bare(2, 3, List.of("legacy-0", "legacy-1")),
                  new ObjectName("system", "dns"),
                  new Bare(1, 1, List.of("10.0.0.9")))),
          Set.of("shop"),
          new TreeSet<>(Set.of("system", "weir-system")));

  private static final String PODS =
      "pods without a sidecar: 2 of 3 instances of shop/legacy: legacy-0, legacy-1";
  private static final String NAMESPACES = "pods of namespaces that have no sidecar: system";
  private static final String WHO = "; weir describe says who has called a service in plain text";

  private static MeshModel mesh(String policy) {
    return Meshes.of(
            YamlReader.read("a.yaml", service("cart") + service("legacy") + policy).documents())
        .model();
  }

  private static Map<String, String> told(String policy) {
    return CALLERS.told(mesh(policy));
  }

  private static Map<String, String> all(String said) {
    return Map.of("AuthenticationPolicy shop/all", said + WHO);
  }

  @Test
  void strictRefusesPodsThatHaveNoSidecar() {
    String refused = "refuses the calls of " + PODS + "; " + NAMESPACES;
    assertEquals(all(refused), told(policy("Namespace", "shop", "Strict")));
    assertEquals(all(refused), told(policy("Service", "cart", "Strict")));
  }

  @Test
  void whereBothAreTakenItIsSaidWhomStrictWouldRefuse() {
    assertEquals(
        all("Strict would refuse the calls of " + PODS + "; " + NAMESPACES),
        told(policy("Namespace", "shop", "Permissive")));
  }

  @Test
  void plainTextAloneRefusesNobody() {
    assertEquals(Map.of(), told(policy("Namespace", "shop", "Disabled")));
  }

  /** Of the service itself it is said already that nobody enforces it there. */
  @Test
  void aServiceIsNoCallerOfItsOwn() {
    assertEquals(
        all("refuses the calls of " + NAMESPACES), told(policy("Service", "legacy", "Strict")));
    assertEquals(PODS + "; " + NAMESPACES, CALLERS.callersOf(new ObjectName("shop", "cart")));
    assertEquals(NAMESPACES, CALLERS.callersOf(new ObjectName("shop", "legacy")));
  }

  /** Who is in no namespace of the mesh is not asked to be part of it. */
  @Test
  void checkWarnsOfStrictPoliciesAndPodsOfTheMeshsNamespacesAlone() {
    PlainCallers within = CALLERS.withinTheMesh();
    assertEquals(
        all("refuses the calls of " + PODS),
        within.refused(mesh(policy("Namespace", "shop", "Strict"))));
    assertEquals(Map.of(), within.refused(mesh(policy("Namespace", "shop", "Permissive"))));
    assertEquals(Map.of(), within.refused(mesh(policy("Service", "legacy", "Strict"))));
  }

  @Test
  void ofManyNamespacesSomeAreNamed() {
    assertEquals(
        "pods of namespaces that have no sidecar: a, b, c, d, e and 2 more",
        PlainCallers.of(
                new TreeMap<>(),
                Set.of("shop"),
                new TreeSet<>(Set.of("a", "b", "c", "d", "e", "f", "g")))
            .callersOf(new ObjectName("shop", "cart")));
  }
}
