package dev.weir.control.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.control.source.file.FolderSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is right by itself and has no effect beside the rest. */
class ChecksTest {
  private static final String CART =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {ports: [{name: http, port: 80}]}
      ---
      """;

  @TempDir Path folder;

  /** The findings, each without the folder's name. */
  private List<String> findings(String yaml) throws IOException {
    Files.writeString(folder.resolve("a.yaml"), CART + yaml);
    return new Sources(List.of(new FolderSource(folder, Clock.systemUTC())), ZoneOffset.UTC)
        .scan().findings().stream()
            .map(finding -> finding.toString().replace(folder + "/", ""))
            .toList();
  }

  private static String route(String name, String rules) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: %s, namespace: shop}
    spec:
      parentRefs: [{group: "", kind: Service, name: cart}]
      rules: [%s]
    ---
    """
        .formatted(name, rules);
  }

  private static String rule(String match) {
    return "{matches: [%s], backendRefs: [{name: cart, port: 80}]}".formatted(match);
  }

  @Test
  void matchThatAnotherHasBeforeItIsShadowed() throws IOException {
    String match = "{path: {value: /a}, headers: [{name: X, value: z}, {name: b, value: c}]}";
    String same = "{headers: [{name: b, value: c}, {name: x, value: z}], path: {value: /a/}}";
    assertEquals(
        List.of(
            "a.yaml:18: warning: HTTPRoute shop/two: spec.rules[0].matches[0]: no request reaches it"
                + " at shop/cart:80: HTTPRoute shop/one, rules[0], matches the same and comes first;"
                + " merge the two, or remove one"),
        findings(route("one", rule(match)) + route("two", rule(same))));
  }

  /** For the calls of that namespace alone, in place of the Service's own. */
  @Test
  void routeOfAnotherNamespaceShadowsNoneOfTheServices() throws IOException {
    String consumer =
        route("two", "{backendRefs: [{name: cart, namespace: shop, port: 80}]}")
            .replace("namespace: shop}\nspec", "namespace: pay}\nspec")
            .replace("name: cart}]\n", "name: cart, namespace: shop}]\n");
    assertEquals(
        List.of(), findings(route("one", "{backendRefs: [{name: cart, port: 80}]}") + consumer));
  }

  @Test
  void ruleIsShadowedByAnotherOfItsOwnRoute() throws IOException {
    assertEquals(
        List.of(
            "a.yaml:11: warning: HTTPRoute shop/one: spec.rules[1]: no request reaches it at"
                + " shop/cart:80: rules[0] matches the same and comes first; merge the two, or"
                + " remove one"),
        findings(
            route(
                "one", rule("{path: {value: /}}") + ", {backendRefs: [{name: cart, port: 80}]}")));
  }

  @Test
  void matchesThatDifferAreNotShadowed() throws IOException {
    assertEquals(
        List.of(),
        findings(
            route("one", rule("{path: {value: /a}}"))
                + route("two", rule("{path: {type: Exact, value: /a}}"))
                + route("three", rule("{path: {value: /a}, method: GET}"))
                + route("four", rule("{path: {value: /}}, {path: {value: /}}"))));
  }

  @Test
  void modeThatAnOverrideReplacesHasNoEffect() throws IOException {
    assertEquals(
        List.of(
            "a.yaml:14: warning: AuthenticationPolicy shop/cart: spec.mtls: has no effect:"
                + " AuthenticationPolicy shop/all, on Namespace shop, overrides it"),
        findings(
            """
            apiVersion: weir.dev/v1alpha1
            kind: AuthenticationPolicy
            metadata: {name: all, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Namespace, name: shop}], precedence: Override, mtls: {mode: Strict}}
            ---
            apiVersion: weir.dev/v1alpha1
            kind: AuthenticationPolicy
            metadata: {name: cart, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Service, name: cart}], mtls: {mode: Permissive}}
            """));
  }

  private static String authentication(String name, String kind, String target, String fields) {
    return """
    apiVersion: weir.dev/v1alpha1
    kind: AuthenticationPolicy
    metadata: {name: %s, namespace: shop}
    spec: {targetRefs: [{group: "", kind: %s, name: %s}], %s}
    ---
    """
        .formatted(name, kind, target, fields);
  }

  private static String jwt(String provider) {
    return "jwt: {providers: [{name: %s, issuer: i, jwks: {uri: 'https://idp.example/'}}]}"
        .formatted(provider);
  }

  @Test
  void tokensThatAnOverrideReplacesHaveNoEffect() throws IOException {
    assertEquals(
        List.of(
            "a.yaml:14: warning: AuthenticationPolicy shop/cart: spec.jwt: has no effect:"
                + " AuthenticationPolicy shop/all, on Namespace shop, overrides it"),
        findings(
            authentication("all", "Namespace", "shop", "precedence: Override, " + jwt("a"))
                + authentication("cart", "Service", "cart", jwt("b"))));
  }

  @Test
  void overrideThatAWiderOneReplacesHasNoEffect() throws IOException {
    String wide =
        """
        apiVersion: weir.dev/v1alpha1
        kind: AuthenticationPolicy
        metadata: {name: mesh, namespace: weir-system}
        spec: {targetRefs: [{group: weir.dev, kind: MeshConfig, name: default}], precedence: Override, mtls: {mode: Strict}}
        ---
        """;
    String narrow = "precedence: Override, mtls: {mode: %s}";
    String told =
        "a.yaml:14: warning: AuthenticationPolicy shop/all: spec.mtls: has no effect:"
            + " AuthenticationPolicy weir-system/mesh, on MeshConfig default, overrides it";
    assertEquals(
        List.of(told),
        findings(
            wide + authentication("all", "Namespace", "shop", narrow.formatted("Permissive"))));
    assertEquals(
        List.of(),
        findings(wide + authentication("all", "Namespace", "shop", narrow.formatted("Strict"))));
  }

  private static String ofToken(String provider) {
    return allow("own", "Service", "cart", "{token: {providers: [" + provider + "]}}");
  }

  /** The nearest policy has all of it: providers of others are not there beside its own. */
  @Test
  void providerOfAPolicyThatDoesNotHoldIsNone() throws IOException {
    String both =
        authentication("all", "Namespace", "shop", jwt("wide"))
            + authentication("own", "Service", "cart", jwt("near"));
    String told =
        "AuthorizationPolicy shop/own: spec.rules[0].token.providers: no provider that holds on"
            + " what it is for is called wide; there are near: jwt is taken whole from the"
            + " AuthenticationPolicy that is nearest, or overrides";
    assertEquals(List.of("a.yaml:19: warning: " + told), findings(both + ofToken("wide")));
    assertEquals(List.of(), findings(both + ofToken("near")));
  }

  @Test
  void providersOfAllThatAPolicyIsForAreThere() throws IOException {
    assertEquals(
        List.of(),
        findings(
            DB.replace("tcp-sql", "http")
                + authentication("all", "Namespace", "shop", jwt("wide"))
                + authentication("own", "Service", "cart", jwt("near"))
                + allow("own", "Namespace", "shop", "{token: {providers: [wide, near]}}")));
  }

  @Test
  void tokenThatNobodyVerifiesNeverHolds() throws IOException {
    assertEquals(
        List.of(
            "a.yaml:9: warning: AuthorizationPolicy shop/own: spec.rules[0].token: never holds: no"
                + " AuthenticationPolicy with jwt is on what it is for, so nobody verifies a"
                + " token"),
        findings(ofToken("a")));
  }

  @Test
  void authenticationOfNothingHasNoEffect() throws IOException {
    assertEquals(
        List.of(
            "a.yaml:9: warning: AuthenticationPolicy shop/own: spec: has no effect: it sets none of"
                + " mtls, jwt"),
        findings(authentication("own", "Service", "cart", "precedence: Default")));
  }

  private List<String> ofKeys(String uri) throws IOException {
    return findings(
            authentication(
                "own",
                "Service",
                "cart",
                "jwt: {providers: [{name: a, issuer: i, jwks: {uri: '" + uri + "'}}]}"))
        .stream()
        .map(line ->
            line.replace(
                    "a.yaml:9: warning: AuthenticationPolicy shop/own:"
                        + " spec.jwt.providers[0].jwks.uri: ",
                    "")
                .replace("; the keys are fetched from a host of that name, past the mesh", ""))
        .toList();
  }

  @Test
  void keysAtAServiceThatIsNotThereAreWarnedOf() throws IOException {
    assertEquals(List.of("Service shop/keys does not exist"), ofKeys("http://keys.shop:8080/x"));
    assertEquals(
        List.of("Service other/keys does not exist"), ofKeys("http://keys.other.svc:8080/x"));
    assertEquals(
        List.of("Service other/keys does not exist"),
        ofKeys("http://keys.other.svc.cluster.local/x"));
    String noPort = "81 is no port of Service shop/cart; it has 80 (http)";
    assertEquals(List.of(noPort), ofKeys("http://cart.shop:81/x"));
    assertEquals(List.of(noPort), ofKeys("http://cart:81/x"));
  }

  @Test
  void keysAtAServiceOrAtAHostOutsideAreRight() throws IOException {
    for (String uri :
        List.of(
            "http://cart.shop/x",
            "http://cart.shop.svc:80",
            "http://Cart/x",
            "http://idp.example/x",
            "http://idp/x",
            "http://10.0.0.7/x",
            "https://cart.shop/x",
            "https://keys.shop/x")) {
      assertEquals(List.of(), ofKeys(uri), uri);
    }
  }

  @Test
  void ruleOfWhoCallsNeverHoldsWhereNobodyProvesIt() throws IOException {
    assertEquals(
        List.of(
            "a.yaml:18: warning: AuthorizationPolicy shop/cart: spec.rules[0].from: never holds:"
                + " mutual TLS is Disabled on what it is for, so nobody proves who calls; set"
                + " mtls.mode Permissive or Strict there"),
        findings(
            """
            apiVersion: weir.dev/v1alpha1
            kind: AuthenticationPolicy
            metadata: {name: plain, namespace: shop}
            spec: {targetRefs: [{group: "", kind: Service, name: cart}], mtls: {mode: Disabled}}
            ---
            apiVersion: weir.dev/v1alpha1
            kind: AuthorizationPolicy
            metadata: {name: cart, namespace: shop}
            spec:
              targetRefs: [{group: "", kind: Service, name: cart}]
              action: Allow
              rules:
              - from: [{namespaces: [shop]}]
              - from: [{ipBlocks: [10.0.0.0/8]}]
            """));
  }

  @Test
  void policyOfANamespaceWithoutServicesHoldsForNothing() throws IOException {
    assertEquals(
        List.of(
            "a.yaml:9: warning: ResiliencePolicy empty/all: spec.targetRefs[0]: holds for nothing:"
                + " there is no Service in the namespace empty"),
        findings(
            """
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: all, namespace: empty}
            spec: {targetRefs: [{group: "", kind: Namespace, name: empty}], timeouts: {request: 2s}}
            """));
  }

  private static final String DB =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: db, namespace: shop}
      spec: {ports: [{name: tcp-sql, port: 5432}]}
      ---
      """;

  private static String allow(String name, String kind, String target, String rules) {
    return """
    apiVersion: weir.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: %s, namespace: shop}
    spec: {targetRefs: [{group: "", kind: %s, name: %s}], action: Allow, rules: [%s]}
    ---
    """
        .formatted(name, kind, target, rules);
  }

  private static final String OF_REQUESTS =
      "{from: [{serviceAccounts: [shop/a]}], matches: [{path: {value: /a}}]}";

  @Test
  void allowOfRequestsLetsNobodyInWhereConnectionsPass() throws IOException {
    String told =
        "AuthorizationPolicy shop/own: spec.rules: let nobody in at port 5432 of Service shop/db,"
            + " which passes as TCP: a connection shows neither token nor request; a rule with from"
            + " alone holds for it, and a port's appProtocol, or the first word of its name, says"
            + " what is spoken";
    assertEquals(
        List.of("a.yaml:14: warning: " + told),
        findings(DB + allow("own", "Service", "db", OF_REQUESTS)));
    assertEquals(
        List.of("a.yaml:14: warning: " + told),
        findings(DB + allow("own", "Namespace", "shop", OF_REQUESTS)));
  }

  @Test
  void allowThatIsOfConnectionsTooIsNotWarnedOf() throws IOException {
    String from = "{from: [{serviceAccounts: [shop/b]}]}";
    assertEquals(
        List.of(), findings(DB + allow("own", "Service", "db", OF_REQUESTS + ", " + from)));
    assertEquals(List.of(), findings(DB + allow("own", "Service", "cart", OF_REQUESTS)));
    assertEquals(
        List.of(),
        findings(
            DB
                + allow("own", "Namespace", "shop", OF_REQUESTS)
                + allow("other", "Service", "db", from)));
  }

  private static String service(String name, String selector, int target) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: shop}
    spec: {selector: {%s}, ports: [{name: http, port: 80, targetPort: %d}]}
    ---
    """
        .formatted(name, selector, target);
  }

  private static String mtls(String name, String kind, String mode) {
    return """
    apiVersion: weir.dev/v1alpha1
    kind: AuthenticationPolicy
    metadata: {name: p-%s, namespace: shop}
    spec: {targetRefs: [{group: "", kind: %s, name: %s}], mtls: {mode: %s}}
    ---
    """
        .formatted(name, kind, name, mode);
  }

  @Test
  void modeThatAStricterOneForTheSamePodsReplacesIsOverruled() throws IOException {
    assertEquals(
        List.of(
            "a.yaml:19: warning: AuthenticationPolicy shop/p-b: spec.mtls: overruled by"
                + " AuthenticationPolicy shop/p-a on Service shop/a, whose pods are the same: Strict"
                + " holds for both"),
        findings(
            service("a", "app: x", 8080)
                + service("b", "app: x, tier: web", 8080)
                + mtls("b", "Service", "Disabled")
                + mtls("a", "Service", "Strict")));
  }

  @Test
  void modeOfTheNamespaceOverrulesForAnotherServiceToo() throws IOException {
    assertEquals(
        List.of(
            "a.yaml:19: warning: AuthenticationPolicy shop/p-b: spec.mtls: overruled by"
                + " AuthenticationPolicy shop/p-shop on Namespace shop, for Service shop/a, whose"
                + " pods are the same: Strict holds for both"),
        findings(
            service("a", "app: x", 8080)
                + service("b", "app: x", 8080)
                + mtls("b", "Service", "Permissive")
                + mtls("shop", "Namespace", "Strict")));
  }

  @Test
  void whatNobodySaysIsStricterThanPlainTextAlone() throws IOException {
    assertEquals(
        List.of(
            "a.yaml:19: warning: AuthenticationPolicy shop/p-b: spec.mtls: overruled by Service"
                + " shop/a, of which nobody says it, whose pods are the same: Permissive holds for"
                + " both"),
        findings(
            service("a", "app: x", 8080)
                + service("b", "app: x", 8080)
                + mtls("b", "Service", "Disabled")));
  }

  /** Other pods, another port of theirs, or more pods than those that are said to be stricter. */
  @Test
  void servicesThatShareNoPortOfTheirPodsOverruleNothing() throws IOException {
    assertEquals(
        List.of(),
        findings(
            service("a", "app: z", 8080)
                + service("b", "app: x", 8080)
                + service("c", "app: x", 9090)
                + mtls("b", "Service", "Permissive")
                + mtls("a", "Service", "Strict")
                + mtls("c", "Service", "Strict")));
  }
}
