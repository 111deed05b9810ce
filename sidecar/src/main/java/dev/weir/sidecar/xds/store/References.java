package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.route.RouteSource;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a resource refers to by name. */
final class References {
  private References() {}

  /** Route configurations, with the time that each may take at first. */
  static Map<String, Duration> routes(Listener listener) {
    Map<String, Duration> names = new TreeMap<>();
    chains(listener)
        .forEach(chain -> {
          if (chain.filter() instanceof HttpConnectionManager manager
              && manager.routes() instanceof RouteSource.Rds(String name, Duration timeout)) {
            names.put(name, timeout);
          }
        });
    return names;
  }

  /** The resource of a cluster's endpoints, with the time that it may take at first. */
  static Map<String, Duration> endpoints(Cluster cluster) {
    return cluster.discovery()
            instanceof Cluster.Discovery.Eds(String serviceName, Duration timeout)
        ? Map.of(serviceName, timeout)
        : Map.of();
  }

  /** Clusters that a listener names itself: in TCP proxies and inline routes. */
  static Set<String> clusters(Listener listener) {
    Set<String> names = new HashSet<>();
    chains(listener)
        .forEach(chain -> {
          switch (chain.filter()) {
            case TcpProxy proxy ->
                proxy.clusters().forEach(cluster -> names.add(cluster.cluster()));
            case HttpConnectionManager manager -> {
              if (manager.routes() instanceof RouteSource.Inline(RouteConfiguration routes)) {
                names.addAll(clusters(routes));
              }
            }
          }
        });
    return names;
  }

  static Set<String> clusters(RouteConfiguration routes) {
    Set<String> names = new HashSet<>();
    routes.virtualHosts().stream()
        .flatMap(virtualHost -> virtualHost.routes().stream())
        .forEach(route -> {
          if (route.action() instanceof RouteAction.Forward forward) {
            forward.weighted().forEach(cluster -> names.add(cluster.cluster()));
          }
        });
    return names;
  }

  private static Stream<FilterChain> chains(Listener listener) {
    return Stream.concat(listener.filterChains().stream(), listener.defaultFilterChain().stream());
  }
}
