package dev.weir.sidecar.xds.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.bootstrap.DynamicResources;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.snapshot.CompileCheck;
import dev.weir.sidecar.testkit.NoNames;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.Refused;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.sidecar.xds.TestDynamicConfig;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class ConfigStoreTest {
  private static final List<ResourceType> TYPES = List.of(ResourceType.values());
  private static final List<String> CLUSTERS = List.of("a", "b", "c");
  private static final List<String> TABLES = List.of("r", "s");

  private static final ConfigSource ADS = new ConfigSource.Ads();
  private static final ConfigSource.Grpc XDS =
      new ConfigSource.Grpc(ConfigSource.Protocol.SOTW, "xds", Optional.empty());

  private final Recorder sink = new Recorder();

  /** Whatever comes in whatever order once the clusters are known, as long as none is removed. */
  @Property(tries = 100)
  void nothingInForceRefersToWhatIsStillToCome(@ForAll long seed) {
    Random random = new Random(seed);
    Recorder recorder = new Recorder();
    ConfigStore store = store(recorder);
    for (String cluster : CLUSTERS) {
      take(store, ResourceType.CLUSTER, cluster, TestDynamicConfig.cluster(cluster));
    }
    for (int step = 0; step < 40; step++) {
      ResourceType type = TYPES.get(random.nextInt(TYPES.size()));
      String cluster = CLUSTERS.get(random.nextInt(CLUSTERS.size()));
      String table = TABLES.get(random.nextInt(TABLES.size()));
      String timeout = (1 + random.nextInt(3)) + "s";
      switch (type) {
        case CLUSTER -> take(store, type, cluster, TestDynamicConfig.cluster(cluster, timeout));
        case ENDPOINTS ->
            take(store, type, cluster, TestDynamicConfig.endpoints(cluster, 1 + step));
        case LISTENER -> take(store, type, "l", TestDynamicConfig.listener("l", table, "0s"));
        case ROUTE -> take(store, type, table, TestDynamicConfig.routes(table, cluster));
        case DESTINATION, SECRET -> {} // nobody puts the one into the store; none refers to another
      }
    }
    for (StreamedConfig published : recorder.configs) {
      Set<String> active =
          published.clusters().stream().map(Cluster::name).collect(Collectors.toSet());
      assertEquals(active, published.endpoints().keySet());
      for (Listener listener : published.listeners()) {
        assertTrue(
            published
                .routes()
                .keySet()
                .containsAll(names(References.of(listener), ResourceType.ROUTE)));
      }
      for (RouteConfiguration routes : published.routes().values()) {
        assertTrue(
            active.containsAll(names(References.of(routes), ResourceType.CLUSTER)),
            published::toString);
      }
    }
  }

  private static List<String> names(List<Reference> references, ResourceType type) {
    return references.stream()
        .filter(reference -> reference.type() == type)
        .map(Reference::name)
        .toList();
  }

  @Test
  void aListenerThatCannotBeCompiledIsRefusedWithItsFieldAndTheOneBeforeGoesOn() {
    ConfigStore store = store(sink);
    List<Resource> before = List.of();
    for (String format : List.of("%PROTOCOL%", "%NO_SUCH%", "100%")) {
      Any listener = listenerWithLog(format);
      List<Refused> refused = take(store, ResourceType.LISTENER, "l", listener);
      if (format.equals("%PROTOCOL%")) {
        assertEquals(List.of(), refused);
        before = store.inForce();
      } else {
        assertEquals(
            "filter_chains[0].filters[0].typed_config.access_log[0]",
            refused.getFirst().field(),
            refused::toString);
        assertEquals(before, store.inForce());
      }
    }
    assertEquals(1, sink.configs.size());
  }

  private static Any listenerWithLog(String format) {
    return TestDynamicConfig.any(
        io.envoyproxy.envoy.config.listener.v3.Listener.getDefaultInstance(),
        """
        name: l
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: l
              route_config: {virtual_hosts: []}
              http_filters: [{name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}]
              access_log:
              - name: log
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog
                  log_format: {text_format_source: {inline_string: "%s"}}
        """
            .formatted(format));
  }

  private static final String BUFFER =
      "\"@type\": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.Buffer, max_request_bytes: 9";
  private static final String BUFFER_OF_ROUTE =
      "\"@type\": type.googleapis.com/envoy.extensions.filters.http.buffer.v3.BufferPerRoute, buffer: {max_request_bytes: 9}";
  private static final String LIMIT =
      "\"@type\": type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit, stat_prefix: x, token_bucket: {max_tokens: 9, fill_interval: 1s}";

  private static Any listenerWithFilter(String filter) {
    return TestDynamicConfig.any(
        io.envoyproxy.envoy.config.listener.v3.Listener.getDefaultInstance(),
        """
        name: l
        address: {socket_address: {address: 127.0.0.1, port_value: 0}}
        filter_chains:
        - filters:
          - name: http
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
              stat_prefix: l
              rds: {route_config_name: r, config_source: {ads: {}, initial_fetch_timeout: 0s}}
              http_filters:
              - {name: f, typed_config: {%s}}
              - {name: router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
        """
            .formatted(filter));
  }

  private static Any routesWithFilter(String filter) {
    return TestDynamicConfig.any(
        io.envoyproxy.envoy.config.route.v3.RouteConfiguration.getDefaultInstance(),
        """
        name: r
        virtual_hosts:
        - name: all
          domains: ["*"]
          routes:
          - {match: {prefix: /}, direct_response: {status: 200}, typed_per_filter_config: {f: {%s}}}
        """
            .formatted(filter));
  }

  @Test
  void routesForAnotherFilterThanTheListenersAreRefused() {
    ConfigStore store = store(sink);
    assertEquals(List.of(), take(store, ResourceType.LISTENER, "l", listenerWithFilter(LIMIT)));
    Refused refused =
        take(store, ResourceType.ROUTE, "r", routesWithFilter(BUFFER_OF_ROUTE)).getFirst();
    assertEquals("virtual_hosts[0].routes[0].typed_per_filter_config[\"f\"]", refused.field());
    assertEquals(List.of(), take(store, ResourceType.ROUTE, "r", routesWithFilter(LIMIT)));
    assertEquals(1, sink.configs.getLast().listeners().size());
  }

  @Test
  void aListenerWhoseFiltersAreOthersThanItsRoutesWaitsForTheNextRoutes() {
    ConfigStore store = store(sink);
    take(store, ResourceType.LISTENER, "l", listenerWithFilter(LIMIT));
    take(store, ResourceType.ROUTE, "r", routesWithFilter(LIMIT));
    StreamedConfig before = sink.configs.getLast();

    assertEquals(List.of(), take(store, ResourceType.LISTENER, "l", listenerWithFilter(BUFFER)));
    assertEquals(before.listeners(), sink.configs.getLast().listeners());

    assertEquals(
        List.of(), take(store, ResourceType.ROUTE, "r", routesWithFilter(BUFFER_OF_ROUTE)));
    StreamedConfig after = sink.configs.getLast();
    assertFalse(before.listeners().equals(after.listeners()));
  }

  @Test
  void whatCannotBePutInForceIsToldToWhoSentIt() {
    ConfigStore store = store(sink);
    sink.undone = List.of(new Refused(ResourceType.LISTENER, "l", "", "the port is in use"));
    assertEquals(
        sink.undone, take(store, ResourceType.LISTENER, "l", listenerWithLog("%PROTOCOL%")));
    assertTrue(store.facts(ResourceType.LISTENER).getFirst().refused().isPresent());
  }

  @Test
  void theSameResourceAgainPublishesNothing() {
    ConfigStore store = store(sink);
    take(store, ResourceType.CLUSTER, "a", TestDynamicConfig.cluster("a"));
    take(store, ResourceType.ENDPOINTS, "a", TestDynamicConfig.endpoints("a", 80));
    int published = sink.configs.size();

    take(store, ResourceType.CLUSTER, "a", TestDynamicConfig.cluster("a"));
    take(store, ResourceType.ENDPOINTS, "a", TestDynamicConfig.endpoints("a", 80));

    assertEquals(published, sink.configs.size());
    assertEquals(List.of(), sink.endpoints);
  }

  @Test
  void newEndpointsAlonePublishNoState() {
    ConfigStore store = store(sink);
    take(store, ResourceType.CLUSTER, "a", TestDynamicConfig.cluster("a"));
    take(store, ResourceType.ENDPOINTS, "a", TestDynamicConfig.endpoints("a", 80));
    int published = sink.configs.size();

    take(store, ResourceType.ENDPOINTS, "a", TestDynamicConfig.endpoints("a", 81));

    assertEquals(published, sink.configs.size());
    assertEquals(List.of("a"), sink.endpoints);
  }

  @Test
  void factsTellWhatIsInForceWhatWaitsAndWhatWasRefused() {
    ConfigStore store = store(sink);
    take(store, ResourceType.CLUSTER, "a", TestDynamicConfig.cluster("a"));
    take(store, ResourceType.ENDPOINTS, "a", TestDynamicConfig.endpoints("a", 80));
    take(store, ResourceType.CLUSTER, "b", TestDynamicConfig.cluster("b"));
    take(store, ResourceType.CLUSTER, "a", TestDynamicConfig.brokenCluster("a"));

    List<ResourceFact> facts = store.facts(ResourceType.CLUSTER);

    assertEquals(List.of("a", "b"), facts.stream().map(ResourceFact::name).toList());
    assertTrue(facts.get(0).inForce().isPresent());
    assertEquals(
        Optional.of("cluster \"a\": lb_policy: RING_HASH is not supported"),
        facts.get(0).refused().map(ResourceFact.Refusal::details));
    assertTrue(facts.get(1).warming().isPresent());
    assertEquals(
        List.of("a"), store.wanted(ResourceType.ENDPOINTS, ADS).stream().limit(1).toList());
  }

  @Test
  void whatIsAskedForIsAFactBeforeItComesAndWhenItIsGone() {
    ConfigStore store = store(sink);
    take(store, ResourceType.CLUSTER, "a", TestDynamicConfig.cluster("a"));
    assertEquals(ResourceFact.Asked.WAITING, endpoints(store).asked());

    store.take(ADS, ResourceType.ENDPOINTS, List.of(), Set.of("a"), false);
    assertEquals(ResourceFact.Asked.ABSENT, endpoints(store).asked());

    take(store, ResourceType.ENDPOINTS, "a", TestDynamicConfig.endpoints("a", 80));
    assertEquals(ResourceFact.Asked.ANSWERED, endpoints(store).asked());
    assertTrue(endpoints(store).inForce().isPresent());

    store.take(ADS, ResourceType.ENDPOINTS, List.of(), Set.of("a"), false);
    assertEquals(ResourceFact.Asked.ABSENT, endpoints(store).asked());
    assertTrue(endpoints(store).inForce().isPresent(), "it serves on");
  }

  private static ResourceFact endpoints(ConfigStore store) {
    return store.facts(ResourceType.ENDPOINTS).getFirst();
  }

  @Test
  void endpointsThatNothingRefersToAreNotKept() {
    ConfigStore store = store(sink);
    take(store, ResourceType.ENDPOINTS, "a", TestDynamicConfig.endpoints("a", 80));
    take(store, ResourceType.CLUSTER, "a", TestDynamicConfig.cluster("a"));

    assertEquals(Optional.empty(), endpoints(store).inForce());
    assertEquals(ResourceFact.Asked.WAITING, endpoints(store).asked());
  }

  @Test
  void aClusterDoesNotWaitForEndpointsThatAreSaidNotToExist() {
    ConfigStore store = store(sink);
    take(store, ResourceType.CLUSTER, "a", TestDynamicConfig.cluster("a"));
    assertEquals(List.of(), sink.configs);

    store.take(ADS, ResourceType.ENDPOINTS, List.of(), Set.of("a"), false);

    assertEquals(1, sink.configs.getLast().clusters().size());
    take(store, ResourceType.ENDPOINTS, "a", TestDynamicConfig.endpoints("a", 80));
    assertEquals(List.of("a"), sink.endpoints);
  }

  @Test
  void aParserThatFailsRefusesItsResourceAlone() {
    ConfigStore store =
        store(
            new ResourceParser(
                FieldPolicy.WARN,
                (resource, fields) -> {
                  throw new IllegalStateException("as asked");
                }),
            sink);
    Any unhonoured =
        TestDynamicConfig.any(
            io.envoyproxy.envoy.config.cluster.v3.Cluster.getDefaultInstance(),
            "{name: a, type: ORIGINAL_DST, lb_policy: CLUSTER_PROVIDED, track_timeout_budgets: true}");

    List<Refused> refused =
        store.take(
            ADS,
            ResourceType.CLUSTER,
            List.of(
                new Resource(ResourceType.CLUSTER, "a", "1", unhonoured),
                new Resource(ResourceType.CLUSTER, "b", "1", TestDynamicConfig.cluster("b"))),
            Set.of(),
            false);

    assertEquals(
        List.of("cluster \"a\": an internal error: java.lang.IllegalStateException: as asked"),
        refused.stream().map(Refused::toString).toList());
    assertEquals(Set.of("b"), store.wanted(ResourceType.ENDPOINTS, ADS));
  }

  @Test
  void aStaticStateIsInForceAtOnceAndInitialized() {
    ConfigStore store = store(sink);
    store.start();

    assertTrue(sink.initialized);
  }

  @Test
  void routesWaitForAClusterThatWaitsAndTheListenerForThem() {
    ConfigStore store = store(sink);
    take(store, ResourceType.CLUSTER, "a", TestDynamicConfig.cluster("a"));
    take(store, ResourceType.LISTENER, "l", TestDynamicConfig.listener("l", "r", "0s"));
    take(store, ResourceType.ROUTE, "r", TestDynamicConfig.routes("r", "a"));
    assertEquals(List.of(), sink.configs);
    take(store, ResourceType.ENDPOINTS, "a", TestDynamicConfig.endpoints("a", 80));
    StreamedConfig config = sink.configs.getLast();
    assertEquals(1, config.clusters().size());
    assertEquals(Set.of("r"), config.routes().keySet());
    assertEquals(1, config.listeners().size());
  }

  @Test
  void listenerWaitsForTheServerThatItsFilterAsks() {
    ConfigStore store = store(sink);
    take(store, ResourceType.CLUSTER, "authz", TestDynamicConfig.cluster("authz"));
    take(
        store,
        ResourceType.LISTENER,
        "l",
        listenerWithFilter(
            "\"@type\": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz, grpc_service: {envoy_grpc: {cluster_name: authz}}"));
    take(store, ResourceType.ROUTE, "r", TestDynamicConfig.routes("r", "unknown"));
    assertEquals(List.of(), sink.configs.getLast().listeners());
    take(store, ResourceType.ENDPOINTS, "authz", TestDynamicConfig.endpoints("authz", 80));
    assertEquals(1, sink.configs.getLast().listeners().size());
  }

  private static List<String> names(ConfigStore store) {
    return store.inForce().stream().map(each -> each.type() + " " + each.name()).toList();
  }

  @Test
  void whatIsGoneTakesAlongWhatNothingElseRefersTo() {
    ConfigStore store = store(sink);
    for (String name : List.of("a", "b")) {
      take(store, ResourceType.CLUSTER, name, TestDynamicConfig.cluster(name));
      take(store, ResourceType.ENDPOINTS, name, TestDynamicConfig.endpoints(name, 80));
    }
    assertEquals(List.of("CLUSTER a", "CLUSTER b", "ENDPOINTS a", "ENDPOINTS b"), names(store));
    store.take(ADS, ResourceType.CLUSTER, List.of(), Set.of("a"), false);
    assertEquals(List.of("CLUSTER b", "ENDPOINTS b"), names(store));
    assertEquals(1, sink.configs.getLast().clusters().size());
    assertEquals(Set.of("b"), store.wanted(ResourceType.ENDPOINTS, ADS));
    // A whole list without it says the same.
    store.take(
        ADS,
        ResourceType.CLUSTER,
        List.of(new Resource(ResourceType.CLUSTER, "c", "2", TestDynamicConfig.cluster("c"))),
        Set.of(),
        true);
    assertEquals(List.of(), names(store));
    assertEquals(List.of(), sink.configs.getLast().clusters());
    assertEquals(Set.of("c"), store.wanted(ResourceType.ENDPOINTS, ADS));
  }

  @Test
  void sameContentUnderAnotherVersionIsNoted() {
    ConfigStore store = store(sink);
    for (String version : List.of("1", "2")) {
      store.take(
          ADS,
          ResourceType.CLUSTER,
          List.of(new Resource(ResourceType.CLUSTER, "a", version, TestDynamicConfig.cluster("a"))),
          Set.of(),
          false);
      assertEquals(
          version,
          store
              .facts(ResourceType.CLUSTER)
              .getFirst()
              .warming()
              .orElseThrow()
              .resource()
              .version());
    }
  }

  @Test
  void listenersRefusedRoutesAreThoseOfItsOwnNameAlone() {
    ConfigStore store = store(sink);
    take(store, ResourceType.LISTENER, "l", listenerWithFilter(LIMIT));
    take(store, ResourceType.LISTENER, "m", TestDynamicConfig.listener("m", "other", "0s"));
    assertEquals(
        List.of(),
        take(store, ResourceType.ROUTE, "other", TestDynamicConfig.routes("other", "a")));
    assertEquals(List.of(), take(store, ResourceType.ROUTE, "r", routesWithFilter(LIMIT)));
    assertEquals(2, sink.configs.getLast().listeners().size());
  }

  private static ConfigStore store(ConfigSink sink) {
    return store(new ResourceParser(FieldPolicy.IGNORE, (resource, fields) -> {}), sink);
  }

  private static ConfigStore store(ResourceParser parser, ConfigSink sink) {
    try (ScheduledExecutorService never = Executors.newSingleThreadScheduledExecutor()) {
      // Only timeouts would run there, and these tests have none.
      never.shutdown();
      return new ConfigStore(
          parser,
          new CompileCheck(),
          new Bootstrap(
              new Node("n", "c", Map.of(), List.of()),
              Optional.empty(),
              List.of(),
              List.of(),
              List.of(),
              Optional.of(
                  new DynamicResources(Optional.of(XDS), Optional.empty(), Optional.empty())),
              Optional.empty(),
              List.of()),
          Map.of(),
          new ControlThread(never, line -> {}),
          new NoNames(),
          () -> {},
          sink,
          InstantSource.system());
    }
  }

  private static List<Refused> take(ConfigStore store, ResourceType type, String name, Any body) {
    return store.take(ADS, type, List.of(new Resource(type, name, "1", body)), Set.of(), false);
  }

  private static final class Recorder implements ConfigSink {
    final List<StreamedConfig> configs = new ArrayList<>();
    final List<String> endpoints = new ArrayList<>();
    List<Refused> undone = List.of();
    boolean initialized;

    @Override
    public List<Refused> config(StreamedConfig config) {
      configs.add(config);
      return undone;
    }

    @Override
    public void endpoints(String cluster, ClusterLoadAssignment assignment) {
      endpoints.add(cluster);
    }

    @Override
    public void secret(Secret secret) {}

    @Override
    public void retainSecrets(Set<String> names) {}

    @Override
    public void initialized() {
      initialized = true;
    }
  }
}
