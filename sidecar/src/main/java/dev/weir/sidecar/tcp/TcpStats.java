package dev.weir.sidecar.tcp;

import dev.weir.sidecar.stats.Labelled;
import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.transport.Peer;
import java.util.List;

/**
 * {@code tcp.<stat_prefix>.*}.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/listeners/network_filters/tcp_proxy_filter
 */
public final class TcpStats {
  /** Of a chain that is no more. */
  public static final TcpStats NOWHERE = new TcpStats(StatScope.NOWHERE, "");

  final int cxTotal;
  final int cxActive;
  final int rxBytes;
  final int txBytes;
  final int noCluster;
  final int idleTimeout;

  /** Connections by the identity of who connected. */
  final Labelled cxByPeer;

  public TcpStats(StatScope scope, String statPrefix) {
    cxTotal = scope.counter(name(statPrefix, "downstream_cx_total"));
    cxActive = scope.gauge(name(statPrefix, "downstream_cx_active"));
    rxBytes = scope.counter(name(statPrefix, "downstream_cx_rx_bytes_total"));
    txBytes = scope.counter(name(statPrefix, "downstream_cx_tx_bytes_total"));
    noCluster = scope.counter(name(statPrefix, "downstream_cx_no_route"));
    idleTimeout = scope.counter(name(statPrefix, "idle_timeout"));
    cxByPeer =
        new Labelled(
            scope,
            List.of(name(statPrefix, "downstream_peer_cx_total")),
            Peer.LABEL,
            Peer.MOST_COUNTED);
  }

  private static StatName name(String statPrefix, String name) {
    return StatName.of("tcp", "envoy_tcp_prefix", statPrefix, name);
  }
}
