package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.runtime.Departures;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.transport.ClusterTransports;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The live clusters by name. Changes come from the control thread; look-ups from any. */
public final class ClusterManager {
  /** Who holds connections to hosts. Called on the control thread. */
  public interface HostListener {
    void removed(List<Host> hosts);
  }

  private final Loops loops;
  private final Stats stats;
  private final LoadBalancer.Factory balancing;
  private final Function<Cluster, ClusterTransports> transports;
  private final UpstreamFilters filters;
  private final Departures departures;
  private final List<HostListener> listeners = new CopyOnWriteArrayList<>();
  private volatile Map<String, LiveCluster> clusters = Map.of();

  /**
   * @param balancing makes the load balancers of all clusters
   * @param transports makes the transport sockets of a cluster
   */
  public ClusterManager(
      Loops loops,
      Stats stats,
      LoadBalancer.Factory balancing,
      Function<Cluster, ClusterTransports> transports,
      UpstreamFilters filters) {
    this.loops = loops;
    this.departures = new Departures(loops);
    this.stats = stats;
    this.balancing = balancing;
    this.transports = transports;
    this.filters = filters;
  }

  public void addListener(HostListener listener) {
    listeners.add(listener);
  }

  public @Nullable LiveCluster get(String name) {
    return clusters.get(name);
  }

  public Map<String, LiveCluster> all() {
    return clusters;
  }

  /**
   * Makes what is new of {@code next} and updates what is known; what is not among them stays until
   * {@link #retain}, for those who still route to it. Control thread.
   *
   * @param endpoints of clusters of type EDS, STRICT_DNS and LOGICAL_DNS, by cluster: a new one is
   *     seen with its hosts or not at all
   */
  public void put(List<Cluster> next, Map<String, ClusterLoadAssignment> endpoints) {
    Map<String, LiveCluster> before = clusters;
    Map<String, LiveCluster> fresh = new HashMap<>();
    for (Cluster config : next) {
      LiveCluster live = before.getOrDefault(config.name(), fresh.get(config.name()));
      if (live == null) {
        live = new LiveCluster(config, loops, stats, balancing, transports, filters);
        fresh.put(config.name(), live);
      } else if (live.config() != config && !live.config().equals(config)) {
        notifyRemoved(live.update(config));
      }
      ClusterLoadAssignment assignment =
          config.discovery() instanceof Cluster.Discovery.Static(ClusterLoadAssignment own)
              ? own
              : endpoints.get(config.name());
      if (assignment != null && assignment != live.assignment()) {
        notifyRemoved(live.update(assignment));
      }
    }
    if (!fresh.isEmpty()) {
      fresh.putAll(before);
      clusters = Map.copyOf(fresh);
    }
  }

  /** Drains what is not among {@code wanted}. Control thread. */
  public void retain(List<Cluster> wanted) {
    Set<String> names = new HashSet<>(2 * wanted.size());
    wanted.forEach(config -> names.add(config.name()));
    List<LiveCluster> gone = new ArrayList<>();
    clusters.forEach((name, cluster) -> {
      if (!names.contains(name)) {
        gone.add(cluster);
      }
    });
    if (gone.isEmpty()) {
      return;
    }
    Map<String, LiveCluster> after = new HashMap<>(clusters);
    gone.forEach(cluster -> after.remove(cluster.name()));
    clusters = Map.copyOf(after);
    List<Host> hosts = new ArrayList<>();
    gone.forEach(cluster -> hosts.addAll(cluster.retire()));
    notifyRemoved(hosts);
    departures.add(gone);
  }

  /** Takes over the endpoints of one cluster; unknown names are ignored. Control thread. */
  public void endpoints(String cluster, ClusterLoadAssignment assignment) {
    LiveCluster live = clusters.get(cluster);
    if (live != null && live.assignment() != assignment) {
      notifyRemoved(live.update(assignment));
    }
  }

  private void notifyRemoved(List<Host> hosts) {
    if (!hosts.isEmpty()) {
      listeners.forEach(listener -> listener.removed(hosts));
    }
  }

  /**
   * Forgets original destinations out of use and clusters that have drained, and lets ejected hosts
   * back in whose time is over. Control thread, about once a second.
   */
  public void sweep(long nowNanos) {
    for (LiveCluster cluster : clusters.values()) {
      OutlierDetector detector = cluster.outlierDetector();
      if (detector != null) {
        detector.sweep(nowNanos);
      }
      notifyRemoved(
          cluster
              .originalHosts()
              .forgetUnused(nowNanos, cluster.config().cleanupInterval().toNanos()));
    }
    departures.sweep();
  }
}
