package dev.weir.sidecar.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.cluster.lb.LoadBalancers;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.Resources;
import dev.weir.sidecar.testkit.TestLoops;
import dev.weir.sidecar.transport.ClusterTransports;
import dev.weir.testkit.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clusters by the thousand that come and go beside one that stays. */
class ClusterChurnTest {
  private static final int MANY = 2000;

  private final Loops loops = TestLoops.of(2);
  private final Stats stats = new Stats(3);
  private final ClusterManager manager =
      new ClusterManager(
          loops,
          stats,
          LoadBalancers::of,
          config -> ClusterTransports.plain(),
          UpstreamFilters.NONE);

  ClusterChurnTest() {
    stats.recycle(loops::pass);
  }

  @AfterEach
  void close() {
    loops.close();
  }

  private static Cluster cluster(String name) {
    return cluster(name, "");
  }

  private static Cluster cluster(String name, String more) {
    return Resources.cluster(
        """
        name: %1$s
        %2$s
        type: STATIC
        load_assignment:
          cluster_name: %1$s
          endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 80}}}}]}]
        """
            .formatted(name, more));
  }

  private LiveCluster live(String name) {
    return Objects.requireNonNull(manager.get(name));
  }

  /** Each loop counts a request of {@code cluster}, as one that it has found by its name. */
  private void countOnEachLoop(LiveCluster cluster) throws Exception {
    for (Loop loop : loops.all()) {
      StatSlab slab = stats.slab(loop.index());
      loop.eventLoop().submit(() -> slab.inc(cluster.stats().rqTotal)).get();
    }
  }

  private long counted(String cluster) {
    return stats.read().stream()
        .filter(each -> each.name().text().equals("cluster." + cluster + ".upstream_rq_total"))
        .mapToLong(Stats.Reading::value)
        .sum();
  }

  @Test
  void namesAndPlacesAreAsManyAsBefore() throws Exception {
    Cluster staying = cluster("app");
    List<Cluster> many = IntStream.range(0, MANY).mapToObj(i -> cluster("c" + i)).toList();
    List<Cluster> all = new ArrayList<>(many);
    all.add(staying);
    manager.put(List.of(staying), Map.of());
    LiveCluster app = live("app");
    countOnEachLoop(app);
    int names = stats.count();
    int places = stats.placesTaken();
    int size = stats.slab(0).size();
    for (int round = 1; round <= 20; round++) {
      manager.put(all, Map.of());
      assertTrue(stats.count() > names + MANY);
      LiveCluster gone = live("c" + (MANY - 1));
      countOnEachLoop(gone);
      countOnEachLoop(app);
      assertTrue(stats.slab(0).size() <= 256 * 1024, "grew to " + stats.slab(0).size());
      manager.retain(List.of(staying));
      Await.until(() -> {
        manager.sweep(System.nanoTime());
        return stats.placesTaken() == places;
      });
      assertEquals(names, stats.count());
      assertEquals(size, stats.slab(0).size());
      assertEquals(size, stats.slab(1).size());
      countOnEachLoop(gone); // a stream that has it still
    }
    assertEquals(2 + 20 * 2, counted("app"));
    assertEquals(app, live("app"));
  }

  /** Each as it comes: parsed again, and equal. */
  @Test
  void whatDidNotChangeIsTheSameObject() {
    manager.put(List.of(cluster("a"), cluster("b")), Map.of());
    Map<String, LiveCluster> all = manager.all();
    HostSet hosts = live("a").hosts();
    manager.put(List.of(cluster("a"), cluster("b")), Map.of());
    manager.retain(List.of(cluster("a"), cluster("b")));
    assertSame(all, manager.all());
    assertSame(hosts, live("a").hosts());

    manager.put(List.of(cluster("a", "connect_timeout: 7s")), Map.of());
    assertSame(all, manager.all());
    assertSame(hosts, live("a").hosts());
    assertEquals(7, live("a").config().connectTimeout().toSeconds());

    manager.put(
        List.of(cluster("a", "common_lb_config: {healthy_panic_threshold: {value: 10}}")),
        Map.of());
    assertNotSame(hosts, live("a").hosts());
    assertSame(hosts.all().getFirst(), live("a").hosts().all().getFirst());
  }

  @Test
  void aClusterInUseKeepsItsPlacesAndWhatComesAfterItCountsForItself() throws Exception {
    manager.put(List.of(cluster("old")), Map.of());
    LiveCluster old = live("old");
    var resources = old.resources(dev.weir.sidecar.config.route.RouteAction.Priority.DEFAULT);
    assertTrue(resources.beginRequest());
    manager.put(List.of(cluster("new")), Map.of());
    manager.retain(List.of(cluster("new")));
    for (int i = 0; i < 3; i++) {
      loops.all().forEach(loop -> loop.eventLoop().submit(() -> {}).awaitUninterruptibly());
      manager.sweep(System.nanoTime());
    }
    countOnEachLoop(old);
    assertEquals(2, counted("old"));

    resources.endRequest();
    int held = stats.placesTaken();
    Await.until(() -> {
      manager.sweep(System.nanoTime());
      return stats.placesTaken() < held;
    });
    manager.put(List.of(cluster("new"), cluster("newest")), Map.of());
    countOnEachLoop(old);
    assertEquals(0, counted("old"));
    assertEquals(0, counted("new"));
    assertEquals(0, counted("newest"));
    countOnEachLoop(live("newest"));
    assertEquals(2, counted("newest"));
  }
}
