package dev.weir.control.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.Meshes;
import dev.weir.control.model.ObjectName;
import dev.weir.control.workload.Pods.Bare;
import dev.weir.protos.yaml.YamlReader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

  private static Map<String, String> of(String policy) {
    return PlainCallers.of(
        Meshes.of(
                YamlReader.read("a.yaml", service("cart") + service("legacy") + policy).documents())
            .model(),
        new TreeMap<>(
            Map.of(
                new ObjectName("shop", "legacy"),
                new Bare(2, 3, List.of("legacy-0", "legacy-1")),
                new ObjectName("system", "dns"),
                new Bare(1, 1, List.of("10.0.0.9")))),
        Set.of("shop"));
  }

  /** Who is in no namespace of the mesh is not asked to be part of it. */
  @Test
  void strictRefusesPodsOfTheMeshsNamespacesThatHaveNoSidecar() {
    Map<String, String> told =
        Map.of(
            "AuthenticationPolicy shop/all",
            "refuses the calls of pods without a sidecar: 2 of 3 instances of shop/legacy:"
                + " legacy-0, legacy-1; weir status says who has called in plain text");
    assertEquals(told, of(policy("Namespace", "shop", "Strict")));
    assertEquals(told, of(policy("Service", "cart", "Strict")));
  }

  @Test
  void whoeverElseTakesPlainTextRefusesNobody() {
    assertEquals(Map.of(), of(policy("Namespace", "shop", "Permissive")));
  }

  @Test
  void ofTheServiceItselfItIsSaidAlready() {
    assertEquals(Map.of(), of(policy("Service", "legacy", "Strict")));
  }
}
