package dev.weir.control.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.Meshes;
import dev.weir.protos.yaml.YamlReader;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What callers enforce, where some who may call have no sidecar. */
class BypassTest {
  private static final String MESH =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {ports: [{name: http, port: 80}, {name: tcp, port: 90}]}
      ---
      apiVersion: weir.dev/v1alpha1
      kind: MeshConfig
      metadata: {name: default, namespace: weir-system}
      spec: {}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: mine, namespace: pay}
      spec:
        parentRefs: [{group: "", kind: Service, name: cart, namespace: shop, port: 80}]
        rules: [{backendRefs: [{name: cart, namespace: shop, port: 80}]}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: TCPRoute
      metadata: {name: bytes, namespace: shop}
      spec:
        parentRefs: [{group: "", kind: Service, name: cart, port: 90}]
        rules: [{backendRefs: [{name: cart, port: 90}]}]
      ---
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: cart, namespace: shop}
      spec: {targetRefs: [{group: "", kind: Service, name: cart}], timeouts: {request: 2s}}
      ---
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: instances, namespace: shop}
      spec: {targetRefs: [{group: "", kind: Service, name: cart}], concurrency: {maxRequests: 5}}
      ---
      apiVersion: weir.dev/v1alpha1
      kind: ResiliencePolicy
      metadata: {name: all, namespace: weir-system}
      spec:
        targetRefs: [{group: weir.dev, kind: MeshConfig, name: default}]
        outlierDetection: {}
      """;

  private static Map<String, String> of(String... partly) {
    return Bypass.of(
        Meshes.of(YamlReader.read("a.yaml", MESH).documents()).model(),
        new TreeSet<>(Set.of(partly)));
  }

  private static String in(String namespace) {
    return "namespace %s has pods without a sidecar, whose calls go past it (weir status -n %s names them)"
        .formatted(namespace, namespace);
  }

  @Test
  void nothingIsSaidWhereAllHaveSidecars() {
    assertEquals(Map.of(), of());
  }

  /** A route of another namespace than the Service's is for the callers of that one alone. */
  @Test
  void isOfTheNamespaceInWhichTheResourceIs() {
    String all =
        "namespaces have pods without a sidecar, whose calls go past it: %s (weir status names the"
            + " pods)";
    assertEquals(
        Map.of(
            "ResiliencePolicy shop/cart",
            in("shop"),
            "TCPRoute shop/bytes",
            in("shop"),
            "ResiliencePolicy weir-system/all",
            all.formatted("shop")),
        of("shop"));
    assertEquals(
        Map.of(
            "HTTPRoute pay/mine",
            in("pay"),
            "ResiliencePolicy weir-system/all",
            all.formatted("pay")),
        of("pay"));
  }

  @Test
  void ofManyNamespacesSomeAreNamed() {
    assertEquals(
        "namespaces have pods without a sidecar, whose calls go past it: a, b, c, d, e and 2 more"
            + " (weir status names the pods)",
        of("a", "b", "c", "d", "e", "f", "g").get("ResiliencePolicy weir-system/all"));
  }
}
