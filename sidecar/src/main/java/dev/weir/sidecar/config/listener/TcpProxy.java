package dev.weir.sidecar.config.listener;

import java.time.Duration;
import java.util.List;

/**
 * {@code extensions.filters.network.tcp_proxy.v3.TcpProxy}; {@code idleTimeout} zero is no limit
 * (default one hour).
 */
public record TcpProxy(
    String statPrefix,
    List<WeightedCluster> clusters,
    List<AccessLog> accessLogs,
    Duration idleTimeout,
    int maxConnectAttempts)
    implements NetworkFilter {
  public TcpProxy {
    clusters = List.copyOf(clusters);
    accessLogs = List.copyOf(accessLogs);
    if (clusters.isEmpty()) {
      throw new IllegalArgumentException("a TCP proxy without a cluster");
    }
  }

  /** Share {@code weight} of the sum of all weights. */
  public record WeightedCluster(String cluster, int weight) {}
}
