package dev.weir.control.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Meshes;
import dev.weir.control.compile.xds.Compiler;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.yaml.YamlReader;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** An instance of several services takes the calls to all of them. */
class ServiceGroupTest {
  private static final String SERVICES =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: db, namespace: shop}
      spec: {ports: [{name: http, port: 80, targetPort: 8080}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: db-admin, namespace: shop}
      spec: {ports: [{name: http, port: 80, targetPort: 8080}, {name: http-admin, port: 81, targetPort: 9090}]}
      ---
      apiVersion: weir.dev/v1alpha1
      kind: RateLimitPolicy
      metadata: {name: admin, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: db-admin}]
        limits: [{name: all, scope: Replica, rate: 5/s}]
      """;

  private static ObjectName name(String name) {
    return new ObjectName("shop", name);
  }

  @Test
  void nameLeadsBackToItsMembers() {
    List<ObjectName> members = List.of(name("db"), name("db-admin"));
    ObjectName group = ServiceGroup.of("shop", members);
    assertEquals(name("db+db-admin"), group);
    assertEquals(members, ServiceGroup.members(group));
    assertEquals(List.of(name("db")), ServiceGroup.members(name("db")));
  }

  @Test
  void eachPortIsTakenByTheRulesOfTheServicesThatHaveIt() {
    Mesh mesh = Meshes.of(YamlReader.read("group.yaml", SERVICES).documents());
    Slice slice = Slices.without(mesh, name("db+db-admin"));
    var inbound =
        Compiler.inbound(
            slice, new ProxyKind(0, ProxyKind.ListenerPorts.DEFAULT, Meshes.WEIR_EXTENSIONS));
    assertEquals(
        Set.of("inbound|80|shop/db", "inbound|81|shop/db-admin"),
        inbound.of(ResourceType.ROUTES).keySet());
    String admin = String.valueOf(inbound.of(ResourceType.ROUTES).get("inbound|81|shop/db-admin"));
    assertTrue(admin.contains("shop/admin"), admin);
  }

  /** Whichever of the two a caller has called. */
  @Test
  void whatProtectsOneServiceProtectsThePortThatBothHave() {
    String policies =
        """
        ---
        apiVersion: weir.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: admins, namespace: shop}
        spec: {targetRefs: [{group: "", kind: Service, name: db-admin}], action: Allow, rules: [{from: [{serviceAccounts: [shop/admin]}]}]}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: AuthenticationPolicy
        metadata: {name: strict, namespace: shop}
        spec: {targetRefs: [{group: "", kind: Service, name: db-admin}], mtls: {mode: Strict}}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: ResiliencePolicy
        metadata: {name: few, namespace: shop}
        spec: {targetRefs: [{group: "", kind: Service, name: db}], concurrency: {maxRequests: 5}}
        ---
        apiVersion: weir.dev/v1alpha1
        kind: ResiliencePolicy
        metadata: {name: many, namespace: shop}
        spec: {targetRefs: [{group: "", kind: Service, name: db-admin}], concurrency: {maxRequests: 50}}
        """;
    Mesh mesh = Meshes.of(YamlReader.read("group.yaml", SERVICES + policies).documents());
    var inbound =
        Compiler.inbound(
            Slices.without(mesh, name("db+db-admin")), Meshes.identified(name("db")).kind());
    String both = String.valueOf(inbound.of(ResourceType.ROUTES).get("inbound|80|shop/db"));
    assertTrue(both.contains("shop/admin"), both);
    assertTrue(both.contains("ns/shop/sa/admin"), both);
    String listener = String.valueOf(inbound.of(ResourceType.LISTENER));
    assertTrue(listener.contains("inbound|80|shop/db|mtls"), listener);
    assertFalse(listener.contains("inbound|80|shop/db|tcp"), listener);
    assertEquals(
        "ResiliencePolicy shop/many: concurrency: left out: another Service has the same port of"
            + " these pods",
        inbound.diagnostics().stream()
            .map(each -> each.policy() + ": " + each.field() + ": " + each.message())
            .collect(Collectors.joining("; ")));
  }

  @Test
  void memberThatIsGoneIsPassedOver() {
    Mesh mesh = Meshes.of(YamlReader.read("group.yaml", SERVICES).documents());
    assertEquals(name("db"), Slices.without(mesh, name("db+gone")).service().name());
    assertEquals(name("gone"), Slices.without(mesh, name("gone")).service().name());
  }
}
