package dev.weir.sidecar.tcp;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.Stats;

/**
 * {@code tcp.<stat_prefix>.*}.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/listeners/network_filters/tcp_proxy_filter
 */
public final class TcpStats {
  final int cxTotal;
  final int cxActive;
  final int rxBytes;
  final int txBytes;
  final int noCluster;

  public TcpStats(Stats stats, String statPrefix) {
    cxTotal = stats.counter(name(statPrefix, "downstream_cx_total"));
    cxActive = stats.gauge(name(statPrefix, "downstream_cx_active"));
    rxBytes = stats.counter(name(statPrefix, "downstream_cx_rx_bytes_total"));
    txBytes = stats.counter(name(statPrefix, "downstream_cx_tx_bytes_total"));
    noCluster = stats.counter(name(statPrefix, "downstream_cx_no_route"));
  }

  private static StatName name(String statPrefix, String name) {
    return StatName.of("tcp", "envoy_tcp_prefix", statPrefix, name);
  }
}
