package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.filter.StreamContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.pool.Pools;
import java.util.List;

/** Makes routers. */
public final class RouterFactory {
  private final RouterConfig config;
  private final ClusterManager clusters;
  private final List<Pools> pools;

  /**
   * @param pools by the index of their loop
   */
  public RouterFactory(RouterConfig config, ClusterManager clusters, List<Pools> pools) {
    this.config = config;
    this.clusters = clusters;
    this.pools = List.copyOf(pools);
  }

  public TerminalFilter create(StreamContext context) {
    return new RouterFilter(context, config, clusters, pools.get(context.loop().index()));
  }
}
