package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import java.util.List;
import java.util.Map;

/**
 * One consistent state of all configuration: what is static and what has streamed.
 *
 * @param routes by the name that {@code rds} gives
 * @param endpoints of EDS clusters, by cluster; those of DNS clusters are not among them
 */
public record Configuration(
    List<Listener> listeners,
    Map<String, RouteConfiguration> routes,
    List<Cluster> clusters,
    Map<String, ClusterLoadAssignment> endpoints) {
  public Configuration {
    listeners = List.copyOf(listeners);
    routes = Map.copyOf(routes);
    clusters = List.copyOf(clusters);
    endpoints = Map.copyOf(endpoints);
  }
}
