package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.Cluster;
import dev.weir.sidecar.config.ClusterLoadAssignment;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.Stats;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The live clusters by name. Changes come from the control thread; look-ups from any. */
public final class ClusterManager {
  /** Who holds connections to hosts. Called on the control thread. */
  public interface HostListener {
    void removed(List<Host> hosts);
  }

  private final Loops loops;
  private final Stats stats;
  private final List<HostListener> listeners = new CopyOnWriteArrayList<>();
  private volatile Map<String, LiveCluster> clusters = Map.of();

  public ClusterManager(Loops loops, Stats stats) {
    this.loops = loops;
    this.stats = stats;
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
   * Makes {@code next} the clusters in force: what is new is made, what is known is updated, what
   * is gone drains. Control thread.
   */
  public void apply(List<Cluster> next) {
    Map<String, LiveCluster> before = clusters;
    Map<String, LiveCluster> after = new HashMap<>();
    for (Cluster config : next) {
      LiveCluster live = before.get(config.name());
      if (live == null) {
        live = new LiveCluster(config, loops, stats);
      } else if (!live.config().equals(config)) {
        notifyRemoved(live.update(config));
      }
      after.put(config.name(), live);
      switch (config.discovery()) {
        case Cluster.Discovery.Static(ClusterLoadAssignment endpoints) ->
            notifyRemoved(live.update(endpoints));
        case Cluster.Discovery.Eds ignored -> {}
        case Cluster.Discovery.OriginalDst ignored -> {}
      }
    }
    clusters = Map.copyOf(after);
    for (Map.Entry<String, LiveCluster> entry : before.entrySet()) {
      if (!after.containsKey(entry.getKey())) {
        List<Host> gone = new ArrayList<>(entry.getValue().hosts().all());
        gone.addAll(entry.getValue().originalHosts().forgetAll());
        entry.getValue().retire();
        notifyRemoved(gone);
      }
    }
  }

  /** Takes over the endpoints of one cluster; unknown names are ignored. Control thread. */
  public void endpoints(String cluster, ClusterLoadAssignment assignment) {
    LiveCluster live = clusters.get(cluster);
    if (live != null) {
      notifyRemoved(live.update(assignment));
    }
  }

  private void notifyRemoved(List<Host> hosts) {
    if (!hosts.isEmpty()) {
      listeners.forEach(listener -> listener.removed(hosts));
    }
  }

  /**
   * Forgets original destinations out of use, and lets ejected hosts back in whose time is over.
   * Control thread, about once a second.
   */
  public void sweepOutliers(long nowNanos) {
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
  }
}
