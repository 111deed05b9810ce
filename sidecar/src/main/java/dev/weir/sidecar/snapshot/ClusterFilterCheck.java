package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.route.Route;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.route.RouteFilterConfig;
import dev.weir.sidecar.config.route.VirtualHost;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Holds what routes say for filters by their names to the filters that the clusters have which they
 * lead to: a configuration of another kind would be passed over. Those that are not known, or come
 * later, are not looked at. Control thread.
 */
final class ClusterFilterCheck {
  private final Function<String, Optional<Cluster>> clusters;

  /**
   * @param clusters the newest of a name
   */
  ClusterFilterCheck(Function<String, Optional<Cluster>> clusters) {
    this.clusters = clusters;
  }

  /** Throws {@link Unfit} with the path in {@code table}. */
  void check(RouteConfiguration table) {
    for (int i = 0; i < table.virtualHosts().size(); i++) {
      VirtualHost virtualHost = table.virtualHosts().get(i);
      for (int j = 0; j < virtualHost.routes().size(); j++) {
        Route route = virtualHost.routes().get(j);
        if (route.action() instanceof RouteAction.Forward forward) {
          String field = "virtual_hosts[" + i + "].routes[" + j + "]";
          for (RouteAction.WeightedCluster each : forward.weighted()) {
            check(
                each.cluster(),
                List.of(
                    each.filterConfigs(),
                    route.filterConfigs(),
                    virtualHost.filterConfigs(),
                    table.filterConfigs()),
                field);
          }
        }
      }
    }
  }

  private void check(String cluster, List<Map<String, RouteFilterConfig>> levels, String field) {
    if (levels.stream().allMatch(Map::isEmpty)) {
      return;
    }
    List<HttpFilter> filters =
        clusters.apply(cluster).map(Cluster::upstreamFilters).orElse(List.of());
    for (HttpFilter filter : filters) {
      for (Map<String, RouteFilterConfig> level : levels) {
        RouteFilterConfig said = level.get(filter.name());
        if (said != null) {
          said.config().ifPresent(config -> requireSame(filter, config, cluster, field));
        }
      }
    }
  }

  private static void requireSame(
      HttpFilter filter, FilterConfig said, String cluster, String field) {
    if (!filter.config().kind().equals(said.kind())) {
      throw new Unfit(
          field + ".typed_per_filter_config[\"" + filter.name() + "\"]",
          "is a %s, but the filter of that name of the cluster \"%s\" has a %s"
              .formatted(
                  said.getClass().getSimpleName(),
                  cluster,
                  filter.config().getClass().getSimpleName()));
    }
  }
}
