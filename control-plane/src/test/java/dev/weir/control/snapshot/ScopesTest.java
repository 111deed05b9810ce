package dev.weir.control.snapshot;

import static dev.weir.control.compile.xds.ResourceType.CLUSTER;
import static dev.weir.control.compile.xds.ResourceType.DESTINATION;
import static dev.weir.control.compile.xds.ResourceType.ENDPOINTS;
import static dev.weir.control.compile.xds.ResourceType.LISTENER;
import static dev.weir.control.compile.xds.ResourceType.ROUTES;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.control.Meshes;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.ServicePort;
import dev.weir.control.workload.Endpoints;
import dev.weir.protos.extensions.filters.listener.on_demand.v1alpha1.OnDemand;
import dev.weir.protos.yaml.YamlReader;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A sidecar is told of the services that its app may or does call, and of no others. */
class ScopesTest {
  private static final ObjectName CART = new ObjectName("shop", "cart");
  private static final String MESH =
      service("shop/cart", "") + service("shop/web", "") + service("pay/api", "");

  private final Snapshots snapshots = new Snapshots(Meshes::mistaken);

  private static String service(String name, String annotations) {
    String[] parts = name.split("/", 2);
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: %s, annotations: {%s}}
    spec: {ports: [{name: http, port: 8080}]}
    """
        .formatted(parts[1], parts[0], annotations);
  }

  private static String meshConfig(String spec) {
    return """
    ---
    apiVersion: weir.dev/v1alpha1
    kind: MeshConfig
    metadata: {name: default, namespace: weir-system}
    spec: {%s}
    """
        .formatted(spec);
  }

  private void replace(String yaml) {
    snapshots.replace(Meshes.of(YamlReader.read("resources", yaml).documents()));
    Map<ObjectName, SortedMap<ServicePort, SortedSet<Endpoint>>> endpoints = new TreeMap<>();
    snapshots
        .mesh()
        .model()
        .services()
        .keySet()
        .forEach(name ->
            endpoints.put(
                name, Endpoints.of(snapshots.mesh().model(), name, List.of(), Meshes.NO_PODS)));
    snapshots.endpoints(endpoints);
  }

  private Snapshot sidecar(ObjectName service) {
    return snapshots.of(Meshes.weirSidecar(service));
  }

  private String address(String name) {
    String[] parts = name.split("/", 2);
    return Objects.requireNonNull(
        snapshots.mesh().addresses().get(new ObjectName(parts[0], parts[1])));
  }

  private boolean calls(ObjectName service, String... addresses) {
    return snapshots.called(
        service, List.of(addresses).stream().map(one -> Names.destination(one, 8080)).toList());
  }

  /** The services whose clusters it has. */
  private static List<String> told(Snapshot snapshot) {
    List<String> services = new ArrayList<>();
    snapshot
        .of(CLUSTER)
        .forEach(one -> Names.serviceOf(one.name()).ifPresent(name -> services.add(name + "")));
    return services.stream().sorted().toList();
  }

  private static Listener outbound(Snapshot snapshot) throws Exception {
    return Objects.requireNonNull(snapshot.of(LISTENER).get(Names.OUTBOUND_LISTENER))
        .resource()
        .getResource()
        .unpack(Listener.class);
  }

  @Test
  void sidecarIsToldOfItsOwnNamespaceAndAsksForWhatLiesElsewhere() throws Exception {
    replace(MESH);
    Snapshot snapshot = sidecar(CART);
    assertEquals(List.of("shop/cart", "shop/web"), told(snapshot));
    assertNull(snapshot.of(ENDPOINTS).get("outbound|8080|pay/api"));
    assertNull(snapshot.of(ROUTES).get("outbound|8080|pay/api"));
    Listener listener = outbound(snapshot);
    assertEquals(
        List.of("outbound|8080|shop/cart", "outbound|8080|shop/web"),
        listener.getFilterChainsList().stream().map(FilterChain::getName).distinct().toList());
    assertTrue(
        listener.getListenerFiltersList().stream()
            .map(ListenerFilter::getName)
            .anyMatch("weir.filters.listener.on_demand"::equals));
    assertNotNull(
        snapshot.of(DESTINATION).get(Names.destination(address("pay/api"), 8080)),
        "it can ask for all there are");
  }

  @Test
  void whoCannotAskIsToldOfAll() throws Exception {
    replace(MESH);
    Snapshot snapshot = snapshots.of(Meshes.envoy(CART));
    assertEquals(List.of("pay/api", "shop/cart", "shop/web"), told(snapshot));
    assertTrue(
        outbound(snapshot).getListenerFiltersList().stream()
            .map(ListenerFilter::getName)
            .noneMatch("weir.filters.listener.on_demand"::equals));
    assertEquals(List.of(), names(snapshot, DESTINATION));
  }

  private static List<String> names(Snapshot snapshot, ResourceType type) {
    List<String> names = new ArrayList<>();
    snapshot.of(type).forEach(one -> names.add(one.name()));
    return names;
  }

  @Test
  void whatAnAppCallsItsSidecarsAreToldOfAndNobodyElseIs() {
    replace(MESH);
    assertTrue(calls(CART, address("pay/api")));
    assertFalse(calls(CART, address("pay/api")), "that is known");
    assertEquals(List.of("pay/api", "shop/cart", "shop/web"), told(sidecar(CART)));
    assertEquals(List.of("shop/cart", "shop/web"), told(sidecar(new ObjectName("shop", "web"))));
    assertEquals(List.of("pay/api"), told(sidecar(new ObjectName("pay", "api"))));
  }

  @Test
  void callToAnAddressOfNobodyIsRememberedForAServiceThatComesThere() {
    replace(MESH);
    assertFalse(calls(CART, "10.96.0.7"));
    assertEquals(List.of("shop/cart", "shop/web"), told(sidecar(CART)));
    replace(
        MESH
            + """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: late, namespace: pay}
            spec: {clusterIP: 10.96.0.7, ports: [{name: http, port: 8080}]}
            """);
    assertEquals(List.of("pay/late", "shop/cart", "shop/web"), told(sidecar(CART)));
  }

  @Test
  void whatAnAppCallsIsKnownAfterItsServiceOrTheOtherWasAwayForAWhile() {
    Proxy cart = Meshes.weirSidecar(CART);
    replace(MESH);
    snapshots.enter(cart);
    calls(CART, address("pay/api"));
    for (String away : List.of("shop/cart", "pay/api")) {
      replace(MESH.replace(service(away, ""), ""));
      sidecar(CART);
      replace(MESH);
      assertEquals(List.of("pay/api", "shop/cart", "shop/web"), told(sidecar(CART)), away);
    }
    replace(MESH.replace(service("shop/cart", ""), ""));
    assertEquals(List.of("pay/api", "shop/web"), told(sidecar(CART)), "it may call as before");
    snapshots.leave(cart, Duration.ZERO);
    replace(MESH);
    assertEquals(List.of("shop/cart", "shop/web"), told(sidecar(CART)), "nobody was left");
  }

  @Test
  void servicesThatAreAddedElsewhereLeaveTheListenerAsItIs() throws Exception {
    replace(MESH);
    Versioned before = sidecar(CART).of(LISTENER).get(Names.OUTBOUND_LISTENER);
    replace(MESH + service("pay/more", ""));
    assertSame(before, sidecar(CART).of(LISTENER).get(Names.OUTBOUND_LISTENER));
  }

  @Test
  void addressesOfManyRangesAreNamedByWiderOnes() throws Exception {
    StringBuilder yaml = new StringBuilder(MESH);
    for (int i = 0; i < 20; i++) {
      yaml.append(
          """
          ---
          apiVersion: v1
          kind: Service
          metadata: {name: s%d, namespace: pay}
          spec: {clusterIP: 10.%d.0.7, ports: [{name: http, port: 8080}]}
          """
              .formatted(i, 96 + i));
    }
    replace(yaml.toString());
    List<String> ranges = new ArrayList<>();
    for (ListenerFilter filter : outbound(sidecar(CART)).getListenerFiltersList()) {
      if (filter.getTypedConfig().is(OnDemand.class)) {
        filter
            .getTypedConfig()
            .unpack(OnDemand.class)
            .getRangesList()
            .forEach(range ->
                ranges.add(range.getAddressPrefix() + "/" + range.getPrefixLen().getValue()));
      }
    }
    assertEquals(List.of("10.112.0.0/12", "10.96.0.0/12", "240.240.0.0/12"), ranges);
  }

  @Test
  void whatRoutesOfACalledServiceLeadToIsToldOfWithIt() {
    replace(
        MESH
            + service("pay/v2", "")
            + service("pay/other", "")
            + """
            ---
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: api, namespace: pay}
            spec:
              parentRefs: [{group: "", kind: Service, name: api}]
              rules: [{backendRefs: [{name: v2, port: 8080}]}]
            """);
    calls(CART, address("pay/api"));
    assertEquals(List.of("pay/api", "pay/v2", "shop/cart", "shop/web"), told(sidecar(CART)));
  }

  @Test
  void serviceThatHasTheKeysOfItsTokensIsToldOf() {
    replace(
        MESH
            + service("auth/keys", "")
            + service("auth/other", "")
            + """
            ---
            apiVersion: weir.dev/v1alpha1
            kind: AuthenticationPolicy
            metadata: {name: cart, namespace: shop}
            spec:
              targetRefs: [{group: "", kind: Service, name: cart}]
              jwt: {providers: [{name: idp, issuer: idp, jwks: {uri: "http://keys.auth:8080/keys"}}]}
            """);
    assertEquals(List.of("auth/keys", "shop/cart", "shop/web"), told(sidecar(CART)));
  }

  @Test
  void serviceThatIsAskedAboutItsRequestsIsToldOf() {
    replace(
        MESH
            + service("auth/opa", "")
            + service("auth/other", "")
            + """
            ---
            apiVersion: weir.dev/v1alpha1
            kind: AuthorizationPolicy
            metadata: {name: cart, namespace: shop}
            spec:
              targetRefs: [{group: "", kind: Service, name: cart}]
              action: External
              external: {backendRef: {name: opa, namespace: auth, port: 8080}, protocol: Http}
              rules: [{}]
            """);
    assertEquals(List.of("auth/opa", "shop/cart", "shop/web"), told(sidecar(CART)));
  }

  @Test
  void peopleWidenAndNarrowItForTheMeshAndForOneService() {
    replace(MESH + meshConfig("scope: ['./*', 'pay/*']"));
    assertEquals(List.of("pay/api", "shop/cart", "shop/web"), told(sidecar(CART)));
    assertEquals(List.of("pay/api"), told(sidecar(new ObjectName("pay", "api"))));
    replace(
        service("shop/cart", "weir.dev/scope: 'pay/api, ./cart'")
            + service("shop/web", "weir.dev/scope: '*/*'")
            + service("pay/api", ""));
    assertEquals(List.of("pay/api", "shop/cart"), told(sidecar(CART)));
    assertEquals(
        List.of("pay/api", "shop/cart", "shop/web"), told(sidecar(new ObjectName("shop", "web"))));
    assertEquals(
        List.of("pay/api", "shop/cart"),
        told(snapshots.of(Meshes.envoy(CART))),
        "who cannot ask is narrowed by people's word alone");
  }

  @Test
  void callsToElsewhereAreClosedWhereOnlyRegisteredServicesMayBeCalled() throws Exception {
    replace(MESH);
    assertTrue(outbound(sidecar(CART)).hasDefaultFilterChain());
    replace(MESH + meshConfig("outbound: Registered"));
    assertFalse(outbound(sidecar(CART)).hasDefaultFilterChain());
    assertFalse(outbound(snapshots.of(Meshes.envoy(CART))).hasDefaultFilterChain());
  }

  @Test
  void endpointsOfAServiceLeaveThoseAloneWhoAreNotToldOfIt() {
    replace(MESH);
    Snapshot cart = sidecar(CART);
    ServicePort port = new ServicePort(new ObjectName("pay", "api"), 8080);
    SortedSet<Endpoint> one = new TreeSet<>(Set.of(new Endpoint("10.0.0.1", 8080)));
    assertTrue(snapshots.endpoints(Map.of(port.service(), new TreeMap<>(Map.of(port, one)))));
    assertSame(cart, sidecar(CART));
  }

  @Test
  void policyOfAServiceLeavesThoseAloneWhoAreNotToldOfIt() {
    replace(MESH);
    Snapshot cart = sidecar(CART);
    Snapshot api = sidecar(new ObjectName("pay", "api"));
    replace(
        MESH
            + """
            ---
            apiVersion: weir.dev/v1alpha1
            kind: ResiliencePolicy
            metadata: {name: api, namespace: pay}
            spec: {targetRefs: [{group: "", kind: Service, name: api}], timeouts: {request: 2s}}
            """);
    assertSame(cart, sidecar(CART));
    assertNotSame(api, sidecar(new ObjectName("pay", "api")));
  }

  @Property(tries = 200)
  void whoFollowsTheDifferencesHasWhatIsThere(@ForAll Random random) {
    Map<ResourceType, Map<String, String>> has = new TreeMap<>();
    Map<ResourceType, View> seen = new TreeMap<>();
    Proxy proxy = Meshes.weirSidecar(CART);
    for (int step = 0; step < 12; step++) {
      switch (random.nextInt(3)) {
        case 0 -> calls(CART, "10.96.0." + random.nextInt(4));
        case 1 -> endpoints(random);
        default -> replace(mesh(random));
      }
      Snapshot now = snapshots.of(proxy);
      for (ResourceType type : ResourceType.values()) {
        Map<String, String> client = has.computeIfAbsent(type, key -> new TreeMap<>());
        now.of(type).since(seen.getOrDefault(type, View.EMPTY), follow(client));
        seen.put(type, now.of(type));
        Map<String, String> there = new TreeMap<>();
        now.of(type).forEach(one -> assertNull(there.put(one.name(), one.version()), "twice"));
        assertEquals(there, client);
      }
    }
  }

  private static View.Difference follow(Map<String, String> client) {
    return new View.Difference() {
      @Override
      public void changed(Versioned now, @Nullable Versioned before) {
        String had = client.put(now.name(), now.version());
        assertEquals(had, before == null ? null : before.version());
      }

      @Override
      public void gone(Versioned before) {
        assertEquals(before.version(), client.remove(before.name()));
      }
    };
  }

  private void endpoints(Random random) {
    List<ObjectName> names = List.copyOf(snapshots.mesh().model().services().keySet());
    if (!names.isEmpty()) {
      ServicePort port = new ServicePort(names.get(random.nextInt(names.size())), 8080);
      SortedSet<Endpoint> one =
          new TreeSet<>(Set.of(new Endpoint("10.0.0." + random.nextInt(9), 8080)));
      snapshots.endpoints(Map.of(port.service(), new TreeMap<>(Map.of(port, one))));
    }
  }

  /** Services that come and go, and are told of in one way or another. */
  private static String mesh(Random random) {
    StringBuilder yaml = new StringBuilder(meshConfig(pick(random, "", "scope: ['a/*']")));
    for (int i = 0; i < 4; i++) {
      if (random.nextInt(4) > 0) {
        yaml.append(
            """
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: s%d, namespace: %s}
            spec: {clusterIP: 10.96.0.%d, ports: [{name: http, port: 8080}]}
            """
                .formatted(i, pick(random, "a", "shop"), i));
      }
    }
    String said = pick(random, "", "weir.dev/scope: './*, a/s1'", "weir.dev/scope: '*/*'");
    return yaml.append(service("shop/cart", said)).toString();
  }

  private static String pick(Random random, String... of) {
    return of[random.nextInt(of.length)];
  }
}
