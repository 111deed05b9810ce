package dev.weir.sidecar.config.cluster;

import dev.weir.sidecar.config.SocketAddress;
import java.util.List;
import java.util.Map;

/**
 * {@code config.endpoint.v3.ClusterLoadAssignment}.
 *
 * @param overprovisioning {@code policy.overprovisioning_factor} in percent, default 140
 */
public record ClusterLoadAssignment(
    String cluster, List<Endpoint> endpoints, int overprovisioning) {
  public static final int DEFAULT_OVERPROVISIONING = 140;

  public ClusterLoadAssignment {
    endpoints = List.copyOf(endpoints);
  }

  /**
   * One host.
   *
   * @param weight 1 or more
   * @param priority 0 is used first
   * @param transport {@code envoy.transport_socket_match} of its metadata, by which the cluster's
   *     {@code transport_socket_matches} choose
   */
  public record Endpoint(
      SocketAddress address,
      int weight,
      Health health,
      int priority,
      String zone,
      Map<String, String> transport) {
    public Endpoint {
      transport = Map.copyOf(transport);
    }

    public Endpoint(SocketAddress address, int weight, Health health, int priority, String zone) {
      this(address, weight, health, priority, zone, Map.of());
    }
  }

  public enum Health {
    HEALTHY,
    UNHEALTHY,
    DRAINING,
    DEGRADED
  }
}
