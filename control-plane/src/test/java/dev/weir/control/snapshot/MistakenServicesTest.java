package dev.weir.control.snapshot;

import static dev.weir.control.compile.xds.ResourceType.CLUSTER;
import static dev.weir.control.compile.xds.ResourceType.ENDPOINTS;
import static dev.weir.control.compile.xds.ResourceType.ROUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.control.Meshes;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.Jwt;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Policy.Attachment;
import dev.weir.control.model.Policy.Target;
import dev.weir.control.model.Precedence;
import dev.weir.control.model.Route;
import dev.weir.control.model.RouteFilters;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TargetRef;
import dev.weir.protos.yaml.YamlReader;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A mistake of the program's own with a service costs that service, and no other. */
class MistakenServicesTest {
  private static final ObjectName A = new ObjectName("shop", "a");
  private static final ObjectName B = new ObjectName("shop", "b");
  private static final String OUTBOUND_A = "outbound|8080|shop/a";
  private static final String OUTBOUND_B = "outbound|8080|shop/b";
  private static final String INBOUND_A = "inbound|8080|shop/a";
  private static final String ROUTE =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: a, namespace: shop}
      spec:
        parentRefs: [{group: "", kind: Service, name: a}]
        rules: [{backendRefs: [{name: a, port: 8080}]}]
      """;

  private final List<String> told = new ArrayList<>();
  private final Snapshots snapshots =
      new Snapshots((service, mistake) -> told.add(service + ": " + mistake.getMessage()));

  /** Both services, each called with this timeout and limited to as many requests a second. */
  private static MeshModel model(int number) {
    return read(written("a", number) + written("b", number) + ROUTE);
  }

  private static MeshModel read(String yaml) {
    return Meshes.of(YamlReader.read("resources", yaml).documents()).model();
  }

  private static String written(String name, int number) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %1$s, namespace: shop}
    spec: {ports: [{name: http, port: 8080}]}
    ---
    apiVersion: weir.dev/v1alpha1
    kind: ResiliencePolicy
    metadata: {name: %1$s, namespace: shop}
    spec: {targetRefs: [{group: "", kind: Service, name: %1$s}], timeouts: {request: %2$ds}}
    ---
    apiVersion: weir.dev/v1alpha1
    kind: RateLimitPolicy
    metadata: {name: %1$s, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: %1$s}]
      limits: [{name: l, scope: Replica, rate: %2$d/s, burst: 1}]
    """
        .formatted(name, number);
  }

  private static MeshModel with(MeshModel model, List<Route> routes, List<Attachment<?>> policies) {
    return new MeshModel(
        model.services(),
        model.endpoints(),
        routes,
        model.streams(),
        policies,
        model.backendTls(),
        model.texts(),
        model.written());
  }

  private static MeshModel with(MeshModel model, Policy.Spec spec) {
    return with(
        model,
        model.routes(),
        Stream.concat(
                model.policies().stream(),
                Stream.of(new Attachment<>(new Policy<>(A, spec), Target.service(A, ""))))
            .toList());
  }

  /** A policy whose texts nobody can say. */
  private record Broken(List<TargetRef> targetRefs) implements Policy.Spec {
    @Override
    public Set<String> sections() {
      return Set.of();
    }

    @Override
    public Policy.Spec only(Set<String> sections) {
      return this;
    }

    @Override
    public List<Jwt.ConfigMapRef> configMapRefs() {
      throw new IllegalStateException("apart");
    }
  }

  private static MeshModel brokenApart(MeshModel model) {
    return with(model, new Broken(List.of()));
  }

  /** What its requests are to have added nobody can say. */
  private static MeshModel brokenOutbound(MeshModel model) {
    Map<String, String> unsaid =
        new AbstractMap<>() {
          @Override
          public Set<Entry<String, String>> entrySet() {
            throw new IllegalStateException("outbound");
          }

          @Override
          public int size() {
            return 1;
          }

          @Override
          public boolean equals(@Nullable Object other) {
            return this == other;
          }

          @Override
          public int hashCode() {
            return 1;
          }
        };
    Route route = model.routes().getFirst();
    Route.Rule rule = route.rules().getFirst();
    Route.Backend backend =
        new Route.Backend(
            new ServicePort(A, 8080),
            1,
            new Route.HeaderChange(unsaid, unsaid, List.of()),
            Route.HeaderChange.NONE);
    List<RouteFilters.Mirror> mirrors = rule.filters().mirrors();
    return with(
        model,
        List.of(route.with(List.of(rule.with(List.of(backend), mirrors)))),
        model.policies());
  }

  /** A ConfigMap is not there, of which the linker promises that it is. */
  private static MeshModel brokenInbound(MeshModel model) {
    return with(
        model,
        new AuthenticationSpec(
            List.of(),
            Precedence.DEFAULT,
            null,
            new Jwt(
                Jwt.Tokens.REQUIRED,
                List.of(),
                List.of(
                    new Jwt.Provider(
                        "issuer",
                        "issuer",
                        List.of(),
                        new Jwt.JwksConfigMap(new Jwt.ConfigMapRef("keys", "jwks")),
                        List.of(),
                        true,
                        List.of(),
                        Duration.ofSeconds(60))))));
  }

  private @Nullable String version(ObjectName proxy, ResourceType type, String name) {
    Versioned resource = snapshots.of(Meshes.weirSidecar(proxy)).of(type).get(name);
    return resource == null ? null : resource.version();
  }

  private List<String> versions() {
    return List.of(
        String.valueOf(version(B, ROUTES, OUTBOUND_A)),
        String.valueOf(version(A, ROUTES, INBOUND_A)),
        String.valueOf(version(B, ROUTES, OUTBOUND_B)));
  }

  /** What is in force of a model that is all right, in another program. */
  private static List<String> versions(MeshModel model) {
    MistakenServicesTest other = new MistakenServicesTest();
    other.snapshots.replace(Meshes.of(model));
    List<String> versions = other.versions();
    assertEquals(List.of(), other.told);
    return versions;
  }

  @Test
  void staysAsItWasWhereItCannotBeParted() {
    staysAsItWas(brokenApart(model(2)), "shop/a: apart");
  }

  @Test
  void staysAsItWasWhereItsRoutesCannotBeMade() {
    staysAsItWas(brokenOutbound(model(2)), "shop/a: outbound");
  }

  /** All of it: what callers have and what its own sidecars have are of one moment. */
  private void staysAsItWas(MeshModel broken, String mistake) {
    snapshots.replace(Meshes.of(model(1)));
    List<String> before = versions();
    snapshots.replace(Meshes.of(broken));
    List<String> after = versions();
    assertEquals(before.subList(0, 2), after.subList(0, 2));
    assertEquals(versions(model(2)).get(2), after.get(2), "others go on");
    assertEquals(List.of(mistake), told, "once");
    snapshots.replace(Meshes.of(model(3)));
    assertEquals(versions(model(3)), versions(), "with what is right all is well again");
    assertEquals(List.of(mistake), told);
  }

  @Test
  void ownSidecarsStayAsTheyWereWhereWhatTheyTakeCannotBeMade() {
    snapshots.replace(Meshes.of(model(1)));
    List<String> before = versions();
    snapshots.replace(Meshes.of(brokenInbound(model(2))));
    List<String> after = versions();
    assertEquals(before.get(1), after.get(1));
    assertEquals(versions(model(2)).get(2), after.get(2), "others go on");
    assertEquals(after, versions());
    assertEquals(
        List.of("shop/a: not of this mesh: key \"jwks\" of ConfigMap shop/keys"), told, "once");
    snapshots.replace(Meshes.of(model(3)));
    assertEquals(versions(model(3)), versions());
  }

  @Test
  void oneThatWasNeverRightIsNotThereAndAllOthersAre() {
    for (MeshModel broken : List.of(brokenApart(model(1)), brokenOutbound(model(1)))) {
      MistakenServicesTest begun = new MistakenServicesTest();
      begun.snapshots.replace(Meshes.of(broken));
      assertNull(begun.version(B, CLUSTER, OUTBOUND_A));
      assertNotNull(begun.version(B, CLUSTER, OUTBOUND_B));
      assertEquals(1, begun.told.size(), begun.told::toString);
      begun.snapshots.replace(Meshes.of(model(1)));
      assertEquals(versions(model(1)), begun.versions());
    }
  }

  /** The stream of such a sidecar ends, and it keeps what it has. */
  @Test
  void ownSidecarsThatWereNeverToldAnythingAreToldOfTheMistake() {
    snapshots.replace(Meshes.of(brokenInbound(model(1))));
    assertThrows(IllegalArgumentException.class, () -> version(A, ROUTES, INBOUND_A));
    assertNotNull(version(B, ROUTES, OUTBOUND_A));
  }

  @Test
  void endpointsOfOneStayAndThoseOfOthersGoOn() {
    snapshots.replace(Meshes.of(model(1)));
    ServicePort a = new ServicePort(A, 8080);
    ServicePort b = new ServicePort(B, 8080);
    snapshots.endpoints(Map.of(A, at(a, one("10.0.0.1")), B, at(b, one("10.0.0.1"))));
    String before = version(B, ENDPOINTS, OUTBOUND_A);
    String others = version(B, ENDPOINTS, OUTBOUND_B);
    SortedSet<Endpoint> broken =
        new TreeSet<>(one("10.0.0.2")) {
          private static final long serialVersionUID = 1;

          @Override
          public Stream<Endpoint> stream() {
            throw new IllegalStateException("endpoints");
          }
        };
    snapshots.endpoints(Map.of(A, at(a, broken), B, at(b, one("10.0.0.2"))));
    assertEquals(before, version(B, ENDPOINTS, OUTBOUND_A));
    assertEquals(Map.of(a, one("10.0.0.1")), snapshots.endpointsOf(A));
    assertNotEquals(others, version(B, ENDPOINTS, OUTBOUND_B));
    assertEquals(List.of("shop/a: endpoints"), told);
  }

  private static SortedMap<ServicePort, SortedSet<Endpoint>> at(
      ServicePort port, SortedSet<Endpoint> endpoints) {
    return new TreeMap<>(Map.of(port, endpoints));
  }

  private static SortedSet<Endpoint> one(String address) {
    return new TreeSet<>(Set.of(new Endpoint(address, 8080)));
  }
}
