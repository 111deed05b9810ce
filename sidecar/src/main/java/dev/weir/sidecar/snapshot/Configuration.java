package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.config.Cluster;
import dev.weir.sidecar.config.Listener;
import dev.weir.sidecar.config.RouteConfiguration;
import java.util.List;
import java.util.Map;

/**
 * One consistent state of all configuration: what is static and what has streamed.
 *
 * @param routes by the name that {@code rds} gives
 */
public record Configuration(
    List<Listener> listeners, Map<String, RouteConfiguration> routes, List<Cluster> clusters) {
  public static final Configuration EMPTY = new Configuration(List.of(), Map.of(), List.of());

  public Configuration {
    listeners = List.copyOf(listeners);
    routes = Map.copyOf(routes);
    clusters = List.copyOf(clusters);
  }
}
