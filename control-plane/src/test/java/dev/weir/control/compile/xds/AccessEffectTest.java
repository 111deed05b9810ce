package dev.weir.control.compile.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Meshes;
import dev.weir.control.compile.Names;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.convert.ProtoWriter;
import dev.weir.protos.yaml.YamlReader;
import dev.weir.protos.yaml.YamlWriter;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a policy says holds for what an attacker would rather send. */
class AccessEffectTest {
  private static final String TOKENS =
      """
      apiVersion: weir.dev/v1alpha1
      kind: AuthenticationPolicy
      metadata: {name: a, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: a}]
        jwt:
          tokens: %s
          providers: [{name: idp, issuer: idp, jwks: {uri: "https://idp.example/keys"}}]
      """;

  private static XdsResources compile(String port, String rest) {
    return WholeConfiguration.of(
        Meshes.of(
            YamlReader.read(
                    "a.yaml",
                    """
                    apiVersion: v1
                    kind: Service
                    metadata: {name: a, namespace: shop}
                    spec: {ports: [{name: %s, port: 80, targetPort: 8080}]}
                    ---
                    """
                            .formatted(port)
                        + rest)
                .documents()),
        Meshes.identified(new ObjectName("shop", "a")));
  }

  /** The filters of each chain of the port. */
  private static Map<String, List<String>> chains(XdsResources made) {
    Listener inbound =
        (Listener)
            Objects.requireNonNull(made.of(ResourceType.LISTENER).get(Names.INBOUND_LISTENER));
    Map<String, List<String>> chains = new TreeMap<>();
    for (FilterChain chain : inbound.getFilterChainsList()) {
      if (chain.getFilterChainMatch().getDestinationPort().getValue() == 8080) {
        chains.put(chain.getName(), chain.getFiltersList().stream().map(Filter::getName).toList());
      }
    }
    return chains;
  }

  @Test
  void whatIsNoHttpIsRefusedWhereATokenIsRequired() {
    Map<String, List<String>> chains = chains(compile("main", TOKENS.formatted("Required")));
    assertTrue(chains.size() >= 4, chains.toString());
    chains.forEach((name, filters) ->
        assertTrue(
            filters.getLast().contains("http_connection_manager")
                || filters.contains("weir.rbac.tokens"),
            name + ": " + filters));
  }

  @Test
  void bytesPassWhereATokenIsOptional() {
    assertTrue(
        chains(compile("main", TOKENS.formatted("Optional"))).values().stream()
            .noneMatch(filters -> filters.contains("weir.rbac.tokens")));
  }

  private static String routes(String claims) {
    XdsResources made =
        compile(
            "http",
            TOKENS.formatted("Required")
                + """
                ---
                apiVersion: weir.dev/v1alpha1
                kind: AuthorizationPolicy
                metadata: {name: a, namespace: shop}
                spec:
                  targetRefs: [{group: "", kind: Service, name: a}]
                  action: Deny
                  rules: [{token: {claims: [%s]}}]
                """
                    .formatted(claims));
    return made.of(ResourceType.ROUTES).values().stream()
        .map(each -> YamlWriter.write(ProtoWriter.write(each)))
        .collect(Collectors.joining());
  }

  @Test
  void claimThatIsNoTextIsComparedAsItIsWritten() {
    assertTrue(routes("{path: email_verified, values: [\"false\"]}").contains("bool_match: false"));
    assertTrue(routes("{path: level, values: [\"3\"]}").contains("exact: 3"));
    String text = routes("{path: level, values: [\"3a\"]}");
    assertTrue(!text.contains("double_match") && !text.contains("bool_match"), text);
  }

  @Test
  void nameOfAClaimWithDotsIsOneOrTheWayToANestedOne() {
    String routes = routes("{path: \"https://idp.example/roles\", values: [banned]}");
    assertEquals(
        List.of(true, true),
        List.of(
            routes.contains("https://idp.example/roles"), routes.contains("key: example/roles\n")),
        routes);
  }
}
