package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.route.RouteConfiguration;
import java.util.List;
import java.util.Map;

/**
 * One consistent state: everything in it has what it refers to, or has waited long enough.
 *
 * @param routes by the name that {@code rds} gives; one that never came is not there
 * @param endpoints of EDS clusters, by cluster; one whose endpoints never came is not there
 */
public record StreamedConfig(
    List<Listener> listeners,
    Map<String, RouteConfiguration> routes,
    List<Cluster> clusters,
    Map<String, ClusterLoadAssignment> endpoints) {
  public StreamedConfig {
    listeners = List.copyOf(listeners);
    routes = Map.copyOf(routes);
    clusters = List.copyOf(clusters);
    endpoints = Map.copyOf(endpoints);
  }
}
