package dev.weir.sidecar.testkit;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.UpstreamFilters;
import dev.weir.sidecar.cluster.lb.LoadBalancers;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.snapshot.FilterRegistry;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.transport.ClusterTransports;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A live cluster {@code app} whose endpoints come and go as the test says; nothing connects. */
public final class TestCluster implements AutoCloseable {
  private final Loops loops = TestLoops.of(1);
  private final Stats stats = new Stats(2);
  private final List<String> gone = new ArrayList<>();
  private final ClusterManager manager;

  /**
   * @param yaml fields of the cluster beside its name and discovery
   */
  public TestCluster(String yaml, int... ports) {
    this(null, yaml, ports);
  }

  /**
   * @param filters makes those that the cluster's configuration names; null: the sidecar's own
   */
  public TestCluster(@Nullable UpstreamFilters filters, String yaml, int... ports) {
    manager =
        new ClusterManager(
            loops,
            stats,
            LoadBalancers::of,
            config -> ClusterTransports.plain(),
            filters == null ? registry()::upstream : filters);
    manager.addListener(hosts -> hosts.forEach(host -> gone.add(host.toString())));
    configure(yaml);
    endpoints(ports);
  }

  private FilterRegistry registry() {
    return new FilterRegistry(
        stats,
        loops,
        Runnable::run,
        loop -> {
          throw new AssertionError();
        },
        line -> {});
  }

  public void configure(String yaml) {
    manager.put(
        List.of(
            Resources.cluster(
                "name: app\ntype: EDS\neds_cluster_config: {eds_config: {ads: {}}}\n" + yaml)),
        Map.of());
  }

  /** EDS has told of these ports of 127.0.0.1, and no others. */
  public void endpoints(int... ports) {
    manager.endpoints("app", Resources.endpoints(ports));
  }

  /**
   * EDS has told of this.
   *
   * @param yaml fields of the assignment beside its name
   */
  public void assignment(String yaml) {
    manager.endpoints("app", Resources.assignment("cluster_name: app\n" + yaml));
  }

  /** The hosts that had to go since this was asked last, in order. */
  public List<String> gone() {
    List<String> names = gone.stream().sorted().toList();
    gone.clear();
    return names;
  }

  public ClusterManager clusters() {
    return manager;
  }

  public Loops loops() {
    return loops;
  }

  public Loop loop() {
    return loops.all().getFirst();
  }

  public StatSlab slab() {
    return stats.slab(loop().index());
  }

  /** Somebody, as a request on the first loop would. */
  public Host choose(Predicate<Host> unfit, Predicate<Host> unwanted, int attempts) {
    return Objects.requireNonNull(live().choose(loop(), slab(), unfit, unwanted, attempts));
  }

  /** What is due in {@code later} is done now. */
  public void sweep(Duration later) {
    manager.sweep(System.nanoTime() + later.toNanos());
  }

  public LiveCluster live() {
    return Objects.requireNonNull(manager.get("app"));
  }

  public Host host(int port) {
    return live().hosts().all().stream()
        .filter(host -> host.toString().endsWith(":" + port))
        .findFirst()
        .orElseThrow();
  }

  /** The statistic {@code cluster.app.NAME}. */
  public long stat(String name) {
    return stats.read().stream()
        .filter(reading -> reading.name().text().equals("cluster.app." + name))
        .mapToLong(reading -> reading.value())
        .sum();
  }

  @Override
  public void close() {
    loops.close();
  }
}
