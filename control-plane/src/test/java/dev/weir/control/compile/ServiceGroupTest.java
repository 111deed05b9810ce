package dev.weir.control.compile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Meshes;
import dev.weir.control.compile.xds.Compiler;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.ObjectName;
import dev.weir.protos.yaml.YamlReader;
import java.util.List;
import java.util.Set;
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
  void eachPortIsTakenByTheRulesOfTheServiceThatHasIt() {
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

  @Test
  void memberThatIsGoneIsPassedOver() {
    Mesh mesh = Meshes.of(YamlReader.read("group.yaml", SERVICES).documents());
    assertEquals(name("db"), Slices.without(mesh, name("db+gone")).service().name());
    assertEquals(name("gone"), Slices.without(mesh, name("gone")).service().name());
  }
}
