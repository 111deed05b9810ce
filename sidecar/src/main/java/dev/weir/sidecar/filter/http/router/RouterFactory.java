package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.upstream.ReplayBudget;
import java.util.ArrayList;
import java.util.List;

/** Makes routers. */
public final class RouterFactory {
  private final List<RouterParts> parts = new ArrayList<>();

  /**
   * @param pools by the index of their loop
   * @param budget for the bodies of all requests that may be tried again
   * @param stops of the whole sidecar
   */
  public RouterFactory(
      RouterConfig config,
      ClusterManager clusters,
      List<Pools> pools,
      ReplayBudget budget,
      RetryStops stops) {
    for (Pools ofLoop : pools) {
      parts.add(new RouterParts(config, clusters, ofLoop, budget, stops, new MirrorCount()));
    }
  }

  /**
   * Prepares what a route says for the router, once a route table.
   *
   * @throws IllegalArgumentException for a configuration that is not the router's
   */
  public static Object compileRoute(FilterConfig config) {
    if (config instanceof HedgingConfig hedging) {
      return new CompiledHedging(hedging);
    }
    throw new IllegalArgumentException(
        "is a " + config.getClass().getSimpleName() + ", but the router takes a HedgingConfig");
  }

  public TerminalFilter create(TerminalContext context) {
    return new RouterFilter(context, parts.get(context.loop().index()));
  }
}
