package dev.weir.sidecar.xds.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.config.bootstrap.Bootstrap;
import dev.weir.sidecar.config.bootstrap.Node;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.resource.ResourceParser;
import dev.weir.sidecar.xds.ControlThread;
import dev.weir.sidecar.xds.Refused;
import dev.weir.sidecar.xds.Resource;
import dev.weir.sidecar.xds.ResourceType;
import dev.weir.sidecar.xds.TestDynamicConfig;
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
      }
    }
    for (StreamedConfig published : recorder.configs) {
      Set<String> active =
          published.clusters().stream().map(Cluster::name).collect(Collectors.toSet());
      assertEquals(active, published.endpoints().keySet());
      for (Listener listener : published.listeners()) {
        assertTrue(published.routes().keySet().containsAll(References.routes(listener).keySet()));
      }
      for (RouteConfiguration routes : published.routes().values()) {
        assertTrue(active.containsAll(References.clusters(routes)), published::toString);
      }
    }
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
        facts.get(0).refused());
    assertTrue(facts.get(1).warming().isPresent());
    assertEquals(List.of("a"), store.wanted(ResourceType.ENDPOINTS).stream().limit(1).toList());
  }

  @Test
  void endpointsThatNothingRefersToAreNotKept() {
    ConfigStore store = store(sink);
    take(store, ResourceType.ENDPOINTS, "a", TestDynamicConfig.endpoints("a", 80));
    take(store, ResourceType.CLUSTER, "a", TestDynamicConfig.cluster("a"));

    assertEquals(List.of(), store.facts(ResourceType.ENDPOINTS));
  }

  @Test
  void aClusterDoesNotWaitForEndpointsThatAreSaidNotToExist() {
    ConfigStore store = store(sink);
    take(store, ResourceType.CLUSTER, "a", TestDynamicConfig.cluster("a"));
    assertEquals(List.of(), sink.configs);

    store.take(ResourceType.ENDPOINTS, List.of(), Set.of("a"), false);

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
            ResourceType.CLUSTER,
            List.of(
                new Resource(ResourceType.CLUSTER, "a", "1", unhonoured),
                new Resource(ResourceType.CLUSTER, "b", "1", TestDynamicConfig.cluster("b"))),
            Set.of(),
            false);

    assertEquals(
        List.of("cluster \"a\": an internal error: java.lang.IllegalStateException: as asked"),
        refused.stream().map(Refused::toString).toList());
    assertEquals(Set.of("b"), store.wanted(ResourceType.ENDPOINTS));
  }

  @Test
  void aStaticStateIsInForceAtOnceAndInitialized() {
    ConfigStore store = store(sink);
    store.start();

    assertTrue(sink.initialized);
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
          new Bootstrap(
              new Node("n", "c", Map.of(), List.of()),
              Optional.empty(),
              List.of(),
              List.of(),
              Optional.empty()),
          Map.of(),
          new ControlThread(never, line -> {}),
          sink);
    }
  }

  private static List<Refused> take(ConfigStore store, ResourceType type, String name, Any body) {
    return store.take(type, List.of(new Resource(type, name, "1", body)), Set.of(), false);
  }

  private static final class Recorder implements ConfigSink {
    final List<StreamedConfig> configs = new ArrayList<>();
    final List<String> endpoints = new ArrayList<>();
    boolean initialized;

    @Override
    public void config(StreamedConfig config) {
      configs.add(config);
    }

    @Override
    public void endpoints(String cluster, ClusterLoadAssignment assignment) {
      endpoints.add(cluster);
    }

    @Override
    public void initialized() {
      initialized = true;
    }
  }
}
