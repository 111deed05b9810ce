package dev.weir.control.snapshot;

import static dev.weir.control.compile.xds.ResourceType.CLUSTER;
import static dev.weir.control.compile.xds.ResourceType.ENDPOINTS;
import static dev.weir.control.compile.xds.ResourceType.LISTENER;
import static dev.weir.control.compile.xds.ResourceType.ROUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Meshes;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.ProxyKind.ListenerPorts;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.ServicePort;
import dev.weir.protos.yaml.YamlReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A mesh of many services costs each of its proxies little, and a change what it changes. */
class SnapshotsTest {
  private static final Duration LATER = Duration.ofHours(1);
  private static final ObjectName A = new ObjectName("shop", "a");
  private static final ObjectName B = new ObjectName("shop", "b");
  private static final ObjectName TOLD = new ObjectName("shop", "told");
  private static final String OUTBOUND_A = "outbound|8080|shop/a";
  private static final String TELEMETRY =
      """
      ---
      apiVersion: weir.dev/v1alpha1
      kind: TelemetryPolicy
      metadata: {name: told, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: told}]
        tracing: {sample: "50%"}
      """;

  private final Snapshots snapshots = new Snapshots(Meshes::mistaken);

  @BeforeEach
  void fill() {
    replace(service("a") + service("b") + service("told") + TELEMETRY);
  }

  private void replace(String yaml) {
    snapshots.replace(Meshes.of(YamlReader.read("resources", yaml).documents()));
  }

  private static String service(String name) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: shop}
    spec: {ports: [{name: http, port: 8080}]}
    """
        .formatted(name);
  }

  private static String policy(String kind, String spec) {
    return """
    ---
    apiVersion: weir.dev/v1alpha1
    kind: %s
    metadata: {name: a, namespace: shop}
    spec: {targetRefs: [{group: "", kind: Service, name: a}], %s}
    """
        .formatted(kind, spec);
  }

  private Snapshot of(ObjectName service) {
    return snapshots.of(Meshes.weirSidecar(service));
  }

  private static List<String> names(Snapshot snapshot, ResourceType type) {
    List<String> names = new ArrayList<>();
    snapshot.of(type).forEach(resource -> names.add(resource.name()));
    return names.stream().sorted().toList();
  }

  /** By type, what another snapshot has that was not there, or in another version. */
  private static Map<ResourceType, List<String>> news(Snapshot now, Snapshot before) {
    Map<ResourceType, List<String>> news = new TreeMap<>();
    for (ResourceType type : List.of(CLUSTER, ENDPOINTS, LISTENER, ROUTES)) {
      List<String> names = new ArrayList<>();
      now.of(type)
          .since(
              before.of(type),
              new View.Difference() {
                @Override
                public void changed(Versioned resource, @Nullable Versioned old) {
                  names.add(resource.name());
                }

                @Override
                public void gone(Versioned old) {
                  names.add("-" + old.name());
                }
              });
      if (!names.isEmpty()) {
        news.put(type, names.stream().sorted().toList());
      }
    }
    return news;
  }

  @Test
  void whatAppsCallIsMadeOnceForSidecarsOfAllServicesWhateverTheirTelemetry() {
    Snapshot one = of(A);
    for (ObjectName service : List.of(B, TOLD)) {
      Snapshot other = of(service);
      for (ResourceType type : List.of(CLUSTER, ENDPOINTS, ROUTES)) {
        one.of(type)
            .forEach(resource -> {
              if (!resource.name().startsWith("inbound")) {
                assertSame(resource, other.of(type).get(resource.name()), resource.name());
              }
            });
      }
      assertNotEquals(names(one, ROUTES), names(other, ROUTES));
    }
    assertSame(one.of(LISTENER).get("outbound"), of(B).of(LISTENER).get("outbound"));
    assertNotEquals(
        one.of(LISTENER).get("outbound"),
        of(TOLD).of(LISTENER).get("outbound"),
        "what it traces is told in its listeners");
  }

  @Test
  void anotherKindOfProxyHasClustersOfItsOwn() {
    assertNotEquals(
        of(A).of(CLUSTER).get(OUTBOUND_A),
        snapshots.of(Meshes.envoy(A)).of(CLUSTER).get(OUTBOUND_A));
  }

  @Test
  void theSameMeshElsewhereHasTheSameVersions() {
    Snapshots others = new Snapshots(Meshes::mistaken);
    others.replace(snapshots.mesh());
    for (ResourceType type : ResourceType.values()) {
      assertEquals(of(A).of(type).version(), others.of(Meshes.weirSidecar(A)).of(type).version());
    }
  }

  @Test
  void policyOfAServiceMakesItsResourcesAloneAnew() {
    Snapshot before = of(B);
    replace(
        service("a")
            + service("b")
            + service("told")
            + TELEMETRY
            + policy("ResiliencePolicy", "timeouts: {request: 2s}"));
    assertEquals(Map.of(ROUTES, List.of(OUTBOUND_A)), news(of(B), before));
    Snapshot limited = of(B);
    Snapshot own = of(A);
    replace(
        service("a")
            + service("b")
            + service("told")
            + TELEMETRY
            + policy(
                "RateLimitPolicy", "limits: [{name: l, scope: Replica, rate: 1/s, burst: 1}]"));
    assertEquals(
        Map.of(ROUTES, List.of(OUTBOUND_A)), news(of(B), limited), "without the timeout again");
    assertEquals(Map.of(ROUTES, List.of("inbound|8080|shop/a", OUTBOUND_A)), news(of(A), own));
    assertSame(
        before.of(CLUSTER).get("outbound|8080|shop/b"),
        of(B).of(CLUSTER).get("outbound|8080|shop/b"));
  }

  @Test
  void whatAServiceLeadsToIsMadeAnewWithIt() {
    String route =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: a, namespace: shop}
        spec:
          parentRefs: [{group: "", kind: Service, name: a}]
          rules: [{backendRefs: [{name: b, port: 8080}]}]
        """;
    String breaker =
        """
        ---
        apiVersion: weir.dev/v1alpha1
        kind: ResiliencePolicy
        metadata: {name: a, namespace: shop}
        spec:
          targetRefs: [{group: gateway.networking.k8s.io, kind: HTTPRoute, name: a}]
          circuitBreaker: {trip: {consecutiveFailures: 3}}
        """;
    replace(service("a") + service("b") + route);
    Snapshot before = of(A);
    replace(service("a") + service("b") + route + breaker);
    assertEquals(
        Map.of(CLUSTER, List.of("outbound|8080|shop/b"), ROUTES, List.of(OUTBOUND_A)),
        news(of(A), before));
  }

  private static String consumer(String matches) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: c, namespace: pay}
    spec: {ports: [{name: http, port: 8080}]}
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: consumer, namespace: pay}
    spec:
      parentRefs: [{group: "", kind: Service, name: a, namespace: shop}]
      rules: [{%s backendRefs: [{name: b, namespace: shop, port: 8080}]}]
    """
        .formatted(matches);
  }

  @Test
  void routeOfAnotherNamespaceIsForItsOwnCallersAlone() {
    Proxy there = Meshes.envoy(new ObjectName("pay", "c"));
    Proxy here = Meshes.envoy(B);
    replace(service("a") + service("b"));
    Snapshot ofOthers = snapshots.of(here);
    Snapshot before = snapshots.of(there);
    replace(service("a") + service("b") + consumer(""));
    assertSame(
        ofOthers.of(ROUTES).get(OUTBOUND_A),
        snapshots.of(here).of(ROUTES).get(OUTBOUND_A),
        "others have what they had");
    assertEquals(
        List.of("inbound|8080|pay/c", "outbound|8080|pay/c", OUTBOUND_A),
        news(snapshots.of(there), before).get(ROUTES));
    assertEquals(
        Set.of("HTTPRoute pay/consumer", "Service shop/a"),
        snapshots.of(there).origins(ROUTES, List.of(OUTBOUND_A)));
    Snapshot with = snapshots.of(there);
    replace(service("a") + service("b") + consumer("").replace("name: consumer", "name: other"));
    assertEquals(Map.of(ROUTES, List.of(OUTBOUND_A)), news(snapshots.of(there), with));
  }

  @Test
  void outboundListenerFollowsFromRoutesOfConnectionsAndFromWhatIsForTheMesh() {
    String route =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: TCPRoute
        metadata: {name: bytes, namespace: %s}
        spec:
          parentRefs: [{group: "", kind: Service, name: db, namespace: shop}]
          rules: [{backendRefs: [{name: db, namespace: shop, port: 5432}]}]
        """;
    String all =
        service("a")
            + """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: db, namespace: shop}
            spec: {ports: [{name: tcp, port: 5432}]}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: c, namespace: pay}
            spec: {ports: [{name: http, port: 8080}]}
            """;
    Proxy here = Meshes.envoy(A);
    Proxy there = Meshes.envoy(new ObjectName("pay", "c"));
    replace(all + route.formatted("shop") + route.formatted("pay"));
    List<String> outbound = List.of("outbound");
    assertEquals(Set.of("TCPRoute shop/bytes"), snapshots.of(here).origins(LISTENER, outbound));
    assertEquals(Set.of("TCPRoute pay/bytes"), snapshots.of(there).origins(LISTENER, outbound));
    replace(
        all
            + """
            ---
            apiVersion: weir.dev/v1alpha1
            kind: MeshConfig
            metadata: {name: default, namespace: weir-system}
            spec: {outbound: Any}
            """);
    assertEquals(
        Set.of("MeshConfig weir-system/default"), snapshots.of(here).origins(LISTENER, outbound));
  }

  @Test
  void pathsAreInTheirNormalFormForThoseWhoseRoutesCompareThem() {
    Proxy there = Meshes.envoy(new ObjectName("pay", "c"));
    Proxy here = Meshes.envoy(B);
    replace(service("a") + service("b") + consumer(""));
    Snapshot ofOthers = snapshots.of(here);
    Snapshot before = snapshots.of(there);
    assertSame(
        ofOthers.of(LISTENER).get("outbound"),
        before.of(LISTENER).get("outbound"),
        "while they compare nothing, the listener is the same for all");
    replace(service("a") + service("b") + consumer("matches: [{path: {value: /x}}],"));
    assertEquals(
        Map.of(LISTENER, List.of("outbound"), ROUTES, List.of(OUTBOUND_A)),
        news(snapshots.of(there), before));
    assertEquals(Map.of(), news(snapshots.of(here), ofOthers));
  }

  @Test
  void serviceThatGoesTakesItsResourcesAndALaterOneBringsItsOwn() {
    Snapshot before = of(A);
    replace(service("a") + service("c"));
    assertEquals(
        Map.of(
            CLUSTER,
            List.of("-outbound|8080|shop/b", "-outbound|8080|shop/told", "outbound|8080|shop/c"),
            LISTENER,
            List.of("outbound"),
            ROUTES,
            List.of("-outbound|8080|shop/b", "-outbound|8080|shop/told", "outbound|8080|shop/c")),
        news(of(A), before));
    assertEquals(
        List.of("inbound-passthrough", OUTBOUND_A, "outbound|8080|shop/c", "passthrough"),
        names(of(B), CLUSTER),
        "who stands beside one that is gone may still call");
  }

  @Test
  void endpointsChangeTheirOwnResourceAndNothingElse() {
    ServicePort port = new ServicePort(A, 8080);
    SortedSet<Endpoint> one = new TreeSet<>(Set.of(new Endpoint("10.0.0.1", 8080)));
    Snapshot before = of(B);
    assertTrue(snapshots.endpoints(Map.of(A, new TreeMap<>(Map.of(port, one)))));
    Snapshot with = of(B);
    assertEquals(Map.of(ENDPOINTS, List.of(OUTBOUND_A)), news(with, before));
    assertEquals(Map.of(port, one), snapshots.endpointsOf(A));
    assertFalse(snapshots.endpoints(Map.of(A, new TreeMap<>(Map.of(port, one)))), "as before");
    assertTrue(snapshots.endpoints(Map.of(A, new TreeMap<>())));
    assertEquals(Map.of(ENDPOINTS, List.of("-" + OUTBOUND_A)), news(of(B), with));
  }

  @Test
  void whenEndpointsChangeAllElseIsTheSameViewAndTheyAreOneForAll() {
    ServicePort port = new ServicePort(A, 8080);
    Snapshot before = of(B);
    of(A);
    for (String address : List.of("10.0.0.1", "10.0.0.2", "10.0.0.3")) {
      snapshots.endpoints(
          Map.of(
              A, new TreeMap<>(Map.of(port, new TreeSet<>(Set.of(new Endpoint(address, 8080)))))));
      Snapshot now = of(B);
      for (ResourceType type : List.of(CLUSTER, LISTENER, ROUTES)) {
        assertSame(before.of(type), now.of(type), type.name());
      }
    }
    assertSame(of(B).of(ENDPOINTS), of(A).of(ENDPOINTS), "nobody had asked for those of a");
    assertEquals(Map.of(ENDPOINTS, List.of(OUTBOUND_A)), news(of(B), before));
  }

  @Test
  void momentStaysAsItWas() {
    ServicePort port = new ServicePort(A, 8080);
    SortedSet<Endpoint> one = new TreeSet<>(Set.of(new Endpoint("10.0.0.1", 8080)));
    snapshots.endpoints(Map.of(A, new TreeMap<>(Map.of(port, one))));
    Snapshots.Moment moment = snapshots.moment();
    snapshots.endpoints(Map.of(A, new TreeMap<>()));
    replace(service("c"));
    assertEquals(Map.of(port, one), moment.endpoints());
    assertTrue(moment.mesh().model().services().containsKey(A));
  }

  @Test
  void whatWasMadeForAKindGoesWithTheLastOfItAndKindsAreBounded() {
    for (int i = 0; i < Clients.MOST_KINDS; i++) {
      assertEquals(Optional.empty(), snapshots.enter(another(i)));
      assertEquals(Optional.empty(), snapshots.enter(another(i)), "two of one kind are one kind");
    }
    assertTrue(snapshots.enter(another(Clients.MOST_KINDS)).isPresent());
    Snapshot before = snapshots.of(another(0));
    snapshots.leave(another(0), LATER);
    assertSame(before, snapshots.of(another(0)));
    snapshots.forget(LATER.plus(Snapshots.LINGERS));
    assertTrue(
        snapshots.enter(another(Clients.MOST_KINDS)).isPresent(), "one of the kind is still there");
    snapshots.leave(another(0), LATER);
    snapshots.forget(LATER.plus(Snapshots.LINGERS).minusNanos(1));
    assertSame(before, snapshots.of(another(0)), "it may come back");
    assertTrue(
        snapshots.enter(another(Clients.MOST_KINDS)).isPresent(), "it was there a while ago");
    snapshots.forget(LATER.plus(Snapshots.LINGERS));
    assertEquals(Optional.empty(), snapshots.enter(another(Clients.MOST_KINDS)));
  }

  /** Each would have the whole mesh made for it. */
  @Test
  void whoComesAsAnotherKindEachTimeHasFewMade() {
    int came = 0;
    for (int i = 0; i < 1000; i++) {
      if (snapshots.enter(proxy(i)).isEmpty()) {
        came++;
        snapshots.leave(proxy(i), LATER);
      }
    }
    assertEquals(Clients.MOST_OF_SERVICE, came);
    assertEquals(Optional.empty(), snapshots.enter(proxy(0)), "that one is made already");
    assertEquals(Optional.empty(), snapshots.enter(another(1000)), "beside another service");
    snapshots.leave(proxy(0), LATER);
    snapshots.forget(LATER.plus(Snapshots.LINGERS));
    assertEquals(Optional.empty(), snapshots.enter(proxy(999)));
  }

  @Test
  void oneServiceDoesNotTakeTheKindsOfAll() {
    for (int i = 0; i < Clients.MOST_OF_SERVICE; i++) {
      assertEquals(Optional.empty(), snapshots.enter(proxy(i)));
    }
    assertTrue(
        snapshots.enter(proxy(Clients.MOST_OF_SERVICE)).orElseThrow().contains(A.toString()));
    assertEquals(Optional.empty(), snapshots.enter(proxy(0)));
    assertEquals(Optional.empty(), snapshots.enter(another(100)));
    snapshots.leave(proxy(1), LATER);
    snapshots.forget(LATER.plus(Snapshots.LINGERS));
    assertEquals(Optional.empty(), snapshots.enter(proxy(Clients.MOST_OF_SERVICE)));
  }

  /** Each beside a service of its own. */
  private static Proxy another(int number) {
    return new Proxy("proxy", new ObjectName("shop", "s" + number), Optional.empty(), kind(number));
  }

  private static ProxyKind kind(int mark) {
    return new ProxyKind(mark, ListenerPorts.DEFAULT, Set.of());
  }

  private static Proxy proxy(int mark) {
    Proxy envoy = Meshes.envoy(A);
    return new Proxy(envoy.id(), envoy.service(), envoy.address(), kind(mark));
  }
}
