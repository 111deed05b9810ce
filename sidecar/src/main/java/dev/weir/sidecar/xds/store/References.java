package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.Fetch;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.route.RouteSource;
import dev.weir.sidecar.config.tls.SecretRef;
import dev.weir.sidecar.xds.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a resource refers to by name, each as often as it does. */
final class References {
  private References() {}

  /** Its route configurations, its secrets, and the clusters that it names itself. */
  static List<Reference> of(Listener listener) {
    List<Reference> references = new ArrayList<>();
    Stream.concat(listener.filterChains().stream(), listener.defaultFilterChain().stream())
        .forEach(chain -> collect(chain, references));
    return references;
  }

  private static void collect(FilterChain chain, List<Reference> into) {
    chain.tls().ifPresent(tls -> secrets(tls.secrets(), into));
    switch (chain.filter()) {
      case TcpProxy proxy -> proxy.clusters().forEach(each -> into.add(cluster(each.cluster())));
      case HttpConnectionManager manager -> {
        manager.filters().stream()
            .flatMap(filter -> filter.config().clusters().stream())
            .forEach(name -> into.add(cluster(name)));
        switch (manager.routes()) {
          case RouteSource.Rds(String name, Fetch fetch) ->
              into.add(new Reference(ResourceType.ROUTE, name, Optional.of(fetch)));
          case RouteSource.Inline(RouteConfiguration routes) -> into.addAll(of(routes));
        }
      }
    }
  }

  /** The clusters that routes lead to. */
  static List<Reference> of(RouteConfiguration routes) {
    List<Reference> references = new ArrayList<>();
    routes.virtualHosts().stream()
        .flatMap(virtualHost -> virtualHost.routes().stream())
        .forEach(route -> {
          if (route.action() instanceof RouteAction.Forward forward) {
            forward.weighted().forEach(each -> references.add(cluster(each.cluster())));
          }
        });
    return references;
  }

  private static Reference cluster(String name) {
    return new Reference(ResourceType.CLUSTER, name, Optional.empty());
  }

  /** The endpoints of a cluster of type EDS, and its secrets. */
  static List<Reference> of(Cluster cluster) {
    List<Reference> references = new ArrayList<>();
    if (cluster.discovery() instanceof Cluster.Discovery.Eds(String serviceName, Fetch fetch)) {
      references.add(new Reference(ResourceType.ENDPOINTS, serviceName, Optional.of(fetch)));
    }
    cluster.allTls().forEach(tls -> secrets(tls.secrets(), references));
    return references;
  }

  /** Those of the bootstrap and of the sidecar's own identity are not fetched. */
  private static void secrets(List<SecretRef> named, List<Reference> into) {
    for (SecretRef each : named) {
      if (each.fetch().isPresent()) {
        into.add(new Reference(ResourceType.SECRET, each.name(), each.fetch()));
      }
    }
  }
}
