package dev.weir.control.injector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the API server is answered about policies and routes that are about to be written. */
class ValidationReviewTest {
  private static final String SERVICE = "{group: '', kind: Service, name: cart}";
  private static final String GATEWAY = "{name: edge}";
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: cart, namespace: shop, labels: {tier: "%s"}}
      spec:
        parentRefs: [%s]
        rules: [%s]
      """;

  private static final String WRONG =
      "{filters: [{type: ExtensionRef, extensionRef: {group: a.example, kind: A, name: a}}]}";
  private static final String LOST =
      "{backendRefs: [{group: a.example, kind: Bucket, name: b, port: 80}, {name: gone, port: 80}]}";

  @SuppressWarnings("unchecked")
  private static Map<String, Object> tree(String yaml) {
    return new KubernetesSerialization().unmarshal("---\n" + yaml, Map.class);
  }

  private static Map<String, Object> reviewed(String yaml) {
    return new ValidationReview().of(Map.of("object", tree(yaml)));
  }

  private static String route(String parents, String rule) {
    return ROUTE.formatted("1", parents, rule);
  }

  @Test
  void routeThatIsWrongByItselfIsRefusedInTheWordsOfCheck() {
    Map<String, Object> answer = reviewed(route(SERVICE, WRONG));
    assertEquals(false, answer.get("allowed"));
    assertEquals(
        "spec.rules[0].filters[0].extensionRef: not supported yet: take it out for now;"
            + " spec.rules[0].filters[0].type: \"ExtensionRef\" is not supported yet: take it out for"
            + " now",
        Tree.text(Tree.mapOrEmpty(answer, "status"), "message"));
  }

  @Test
  void routeOfAGatewayIsNeitherRefusedNorSpokenOf() {
    assertEquals(Map.of("allowed", true), reviewed(route(GATEWAY, WRONG)));
    assertEquals(
        Map.of("allowed", true),
        reviewed(route("{group: gateway.networking.k8s.io, kind: Gateway, name: edge}", WRONG)));
  }

  /** The gateway may take what the mesh does not. */
  @Test
  void routeOfAGatewayAndAServiceIsWarnedOf() {
    Map<String, Object> answer = reviewed(route(GATEWAY + ", " + SERVICE, WRONG));
    assertEquals(true, answer.get("allowed"));
    assertEquals(
        true,
        String.valueOf(answer.get("warnings")).contains("ExtensionRef"),
        String.valueOf(answer));
  }

  /** What is not there may come; and Gateway API has a status for a backend of another kind. */
  @Test
  void referenceThatDoesNotResolveIsNoReason() {
    Map<String, Object> answer = reviewed(route(SERVICE, LOST));
    assertEquals(true, answer.get("allowed"), String.valueOf(answer));
    assertEquals(1, ((List<?>) answer.getOrDefault("warnings", List.of())).size());
  }

  /** Or a finalizer could never go from it. */
  @Test
  void whatIsWrongAlreadyMayGetAnotherLabel() {
    String before = ROUTE.formatted("1", SERVICE, WRONG);
    String after = ROUTE.formatted("2", SERVICE, WRONG);
    assertEquals(
        Map.of("allowed", true),
        new ValidationReview().of(Map.of("object", tree(after), "oldObject", tree(before))));
    Map<String, Object> other =
        new ValidationReview()
            .of(
                Map.of(
                    "object",
                    tree(ROUTE.formatted("1", SERVICE, WRONG + ", " + WRONG)),
                    "oldObject",
                    tree(before)));
    assertEquals(false, other.get("allowed"));
  }

  @Test
  void policyIsOurs() {
    assertEquals(
        false,
        reviewed(
                """
                apiVersion: weir.dev/v1alpha1
                kind: AuthenticationPolicy
                metadata: {name: wrong, namespace: shop}
                spec:
                  targetRefs: [{group: "", kind: Service, name: cart}]
                  jwt: {providers: [{name: idp, issuer: i, jwks: {inline: "no keys"}}]}
                """)
            .get("allowed"));
  }

  /** What gateways make of it is theirs. */
  @Test
  void backendTlsPolicyGetsWarningsAndIsNeverRefused() {
    String policy =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: {name: api, namespace: shop}
        spec:
          targetRefs: [%s]
          validation: {hostname: "not a host", wellKnownCACertificates: System}
        """;
    Map<String, Object> answer = reviewed(policy.formatted(SERVICE));
    assertEquals(true, answer.get("allowed"));
    assertTrue(Tree.text(answer, "warnings").contains("hostname"), answer::toString);
    assertEquals(
        Map.of("allowed", true),
        reviewed(policy.formatted("{group: a.example, kind: Bucket, name: b}")));
  }
}
