package dev.weir.control.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.Meshes;
import dev.weir.control.model.ObjectName;
import dev.weir.control.workload.Pods.Bare;
import dev.weir.protos.yaml.YamlReader;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class UnprotectedTest {
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {ports: [{name: http, port: 80}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: dns, namespace: system}
      spec: {ports: [{name: dns, port: 53}]}
      ---
      """;

  private static final SortedMap<ObjectName, Bare> BARE =
      new TreeMap<>(
          Map.of(
              new ObjectName("shop", "cart"),
              new Bare(7, 9, List.of("cart-0", "cart-1", "cart-2", "cart-3", "cart-4")),
              new ObjectName("system", "dns"),
              new Bare(1, 1, List.of("10.0.0.9"))));

  private static Map<String, String> of(String policies) {
    return Unprotected.of(
        Meshes.of(YamlReader.read("a.yaml", SERVICES + policies).documents()).model(),
        BARE,
        Set.of("shop"));
  }

  private static final String CART =
      "no sidecar enforces it for 7 of 9 instances of shop/cart: cart-0, cart-1, cart-2, cart-3,"
          + " cart-4 and 2 more";

  @Test
  void whatProtectsAServiceIsNotInForceWhereThereIsNoSidecar() {
    assertEquals(
        Map.of("AuthorizationPolicy shop/cart", CART),
        of(
            """
            apiVersion: weir.dev/v1alpha1
            kind: AuthorizationPolicy
            metadata: {name: cart, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Service, name: cart}], action: Allow, rules: [{from: [{serviceAccounts: [shop/a]}]}]}
            """));
  }

  @Test
  void whatCallersEnforceNeedsNoSidecarThere() {
    assertEquals(
        Map.of(),
        of(
            """
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: cart, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Service, name: cart}], timeouts: {request: 2s}}
            """));
  }

  /** Others are not asked to be part of it. */
  @Test
  void whatIsForTheMeshIsForNamespacesThatAreInIt() {
    assertEquals(
        Map.of("AuthenticationPolicy weir-system/strict", CART),
        of(
            """
            apiVersion: weir.dev/v1alpha1
            kind: MeshConfig
            metadata: {name: default, namespace: weir-system}
            spec: {}
            ---
            apiVersion: weir.dev/v1alpha1
            kind: AuthenticationPolicy
            metadata: {name: strict, namespace: weir-system}
            spec: {targetRefs: [{group: weir.dev, kind: MeshConfig, name: default}], mtls: {mode: Strict}}
            """));
  }
}
