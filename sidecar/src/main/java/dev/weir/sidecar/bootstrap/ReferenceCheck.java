package dev.weir.sidecar.bootstrap;

import dev.weir.protos.FieldPath;
import dev.weir.protos.Nearest;
import dev.weir.protos.convert.AnyOpener;
import dev.weir.protos.convert.Opened;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteAction.RequestMirrorPolicy;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster.ClusterWeight;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Whether what a bootstrap refers to will ever be there: clusters of its inline routes, unless
 * clusters are fetched or {@code validate_clusters} is false, and sources for what is fetched.
 */
final class ReferenceCheck {
  private final Set<String> clusters;
  private final boolean clustersStream;
  private final SourceCheck sources;
  private final BiConsumer<FieldPath, String> reject;

  /** {@code reject} is given the field and the reason. */
  ReferenceCheck(Bootstrap proto, SourceCheck sources, BiConsumer<FieldPath, String> reject) {
    this.clusters =
        proto.getStaticResources().getClustersList().stream()
            .map(Cluster::getName)
            .collect(Collectors.toCollection(LinkedHashSet::new));
    this.clustersStream = proto.getDynamicResources().hasCdsConfig();
    this.sources = sources;
    this.reject = reject;
  }

  void check(Bootstrap proto, FieldPath path) {
    FieldPath statics = path.field("static_resources");
    List<Listener> listeners = proto.getStaticResources().getListenersList();
    for (int i = 0; i < listeners.size(); i++) {
      FieldPath at = statics.field("listeners").index(i);
      List<FilterChain> chains = listeners.get(i).getFilterChainsList();
      for (int j = 0; j < chains.size(); j++) {
        chain(chains.get(j), at.field("filter_chains").index(j));
      }
      chain(listeners.get(i).getDefaultFilterChain(), at.field("default_filter_chain"));
    }
    List<Cluster> protos = proto.getStaticResources().getClustersList();
    for (int i = 0; i < protos.size(); i++) {
      if (protos.get(i).getType() == Cluster.DiscoveryType.EDS) {
        EdsClusterConfig eds = protos.get(i).getEdsClusterConfig();
        sources.checkNamed(
            "endpoints",
            eds.getServiceName().isEmpty() ? protos.get(i).getName() : eds.getServiceName(),
            eds.getEdsConfig(),
            statics.field("clusters").index(i).field("eds_cluster_config").field("eds_config"));
      }
    }
  }

  private void chain(FilterChain chain, FieldPath path) {
    if (chain.getFiltersCount() == 0
        || !(AnyOpener.open(chain.getFilters(0).getTypedConfig())
            instanceof Opened.Content(HttpConnectionManager manager))) {
      return;
    }
    FieldPath at = path.field("filters").index(0).field("typed_config");
    if (manager.hasRds()) {
      sources.checkNamed(
          "route configuration",
          manager.getRds().getRouteConfigName(),
          manager.getRds().getConfigSource(),
          at.field("rds").field("config_source"));
    } else if (!clustersStream) {
      routes(manager.getRouteConfig(), at.field("route_config"));
    }
  }

  private void routes(RouteConfiguration routes, FieldPath path) {
    if (routes.hasValidateClusters() && !routes.getValidateClusters().getValue()) {
      return;
    }
    mirrors(routes.getRequestMirrorPoliciesList(), path);
    for (int i = 0; i < routes.getVirtualHostsCount(); i++) {
      VirtualHost virtualHost = routes.getVirtualHosts(i);
      FieldPath at = path.field("virtual_hosts").index(i);
      mirrors(virtualHost.getRequestMirrorPoliciesList(), at);
      for (int j = 0; j < virtualHost.getRoutesCount(); j++) {
        action(virtualHost.getRoutes(j).getRoute(), at.field("routes").index(j).field("route"));
      }
    }
  }

  private void mirrors(List<RequestMirrorPolicy> policies, FieldPath path) {
    for (int i = 0; i < policies.size(); i++) {
      cluster(
          policies.get(i).getCluster(),
          path.field("request_mirror_policies").index(i).field("cluster"));
    }
  }

  private void action(RouteAction action, FieldPath path) {
    mirrors(action.getRequestMirrorPoliciesList(), path);
    if (action.hasCluster()) {
      cluster(action.getCluster(), path.field("cluster"));
    }
    List<ClusterWeight> weighted = action.getWeightedClusters().getClustersList();
    for (int i = 0; i < weighted.size(); i++) {
      cluster(
          weighted.get(i).getName(),
          path.field("weighted_clusters").field("clusters").index(i).field("name"));
    }
  }

  private void cluster(String name, FieldPath path) {
    if (!clusters.contains(name)) {
      reject.accept(
          path,
          "\"" + name + "\" is not among static_resources.clusters" + Nearest.hint(name, clusters));
    }
  }
}
