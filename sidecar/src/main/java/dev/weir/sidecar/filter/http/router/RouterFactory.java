package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.upstream.ReplayBudget;
import java.util.List;

/** Makes routers. */
public final class RouterFactory {
  private final RouterConfig config;
  private final ClusterManager clusters;
  private final List<Pools> pools;
  private final ReplayBudget budget;

  /**
   * @param pools by the index of their loop
   * @param budget for the bodies of all requests that may be tried again
   */
  public RouterFactory(
      RouterConfig config, ClusterManager clusters, List<Pools> pools, ReplayBudget budget) {
    this.config = config;
    this.clusters = clusters;
    this.pools = List.copyOf(pools);
    this.budget = budget;
  }

  public TerminalFilter create(TerminalContext context) {
    return new RouterFilter(context, config, clusters, pools.get(context.loop().index()), budget);
  }
}
