package dev.weir.sidecar.manager;

import dev.weir.sidecar.http.ResponseFlag;
import dev.weir.sidecar.http.StreamInfo;
import dev.weir.sidecar.stats.Labelled;
import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.transport.Peer;
import java.util.stream.IntStream;

/**
 * Statistics of a connection manager, by its stat prefix.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_conn_man/stats
 */
public final class ManagerStats {
  /** Of a chain that is no more. */
  public static final ManagerStats NOWHERE = new ManagerStats(StatScope.NOWHERE, "");

  final int cxTotal;
  final int cxActive;

  /** Counted by who sees to the age of connections. */
  public final int cxMaxDurationReached;

  final int cxProtocolError;
  final int rqTotal;
  final int rqActive;
  final int rqCompleted;
  final int[] rqByClass = new int[6];
  final int rqRxReset;
  final int rqTimeout;
  final int rqIdleTimeout;
  final int rqTooLarge;
  final int rqTime;
  final int rqFailedPathNormalization;
  final int rqRedirectedWithNormalizedPath;
  final int noRoute;
  final int noCluster;

  /** By the identity of who asked, and by the class of the answer, 1 to 5. */
  final Labelled rqByPeer;

  public ManagerStats(StatScope scope, String statPrefix) {
    cxTotal = counter(scope, statPrefix, "downstream_cx_total");
    cxActive = scope.gauge(name(statPrefix, "downstream_cx_active"));
    cxMaxDurationReached = counter(scope, statPrefix, "downstream_cx_max_duration_reached");
    cxProtocolError = counter(scope, statPrefix, "downstream_cx_protocol_error");
    rqTotal = counter(scope, statPrefix, "downstream_rq_total");
    rqActive = scope.gauge(name(statPrefix, "downstream_rq_active"));
    rqCompleted = counter(scope, statPrefix, "downstream_rq_completed");
    for (int i = 1; i <= 5; i++) {
      rqByClass[i] = counter(scope, statPrefix, "downstream_rq_" + i + "xx");
    }
    rqRxReset = counter(scope, statPrefix, "downstream_rq_rx_reset");
    rqTimeout = counter(scope, statPrefix, "downstream_rq_timeout");
    rqIdleTimeout = counter(scope, statPrefix, "downstream_rq_idle_timeout");
    rqTooLarge = counter(scope, statPrefix, "downstream_rq_too_large");
    rqTime = scope.histogram(name(statPrefix, "downstream_rq_time"));
    rqFailedPathNormalization =
        counter(scope, statPrefix, "downstream_rq_failed_path_normalization");
    rqRedirectedWithNormalizedPath =
        counter(scope, statPrefix, "downstream_rq_redirected_with_normalized_path");
    noRoute = counter(scope, statPrefix, "no_route");
    noCluster = counter(scope, statPrefix, "no_cluster");
    rqByPeer =
        new Labelled(
            scope,
            IntStream.rangeClosed(1, 5)
                .mapToObj(each -> name(statPrefix, "downstream_peer_rq_" + each + "xx"))
                .toList(),
            Peer.LABEL,
            Peer.MOST_COUNTED);
  }

  void begun(StatSlab slab) {
    slab.inc(rqTotal);
    slab.inc(rqActive);
  }

  /**
   * A stream that was {@link #begun}.
   *
   * @param ofPeer of {@link #rqByPeer}, for who asked
   */
  void ended(StreamInfo info, int[] ofPeer, StatSlab slab) {
    slab.dec(rqActive);
    slab.inc(rqCompleted);
    slab.record(rqTime, (info.endNanos - info.startNanos) / 1_000_000);
    if (info.status >= 100 && info.status < 600) {
      slab.inc(rqByClass[info.status / 100]);
      slab.inc(ofPeer[info.status / 100 - 1]);
    }
    if ((info.flags & ResponseFlag.NO_ROUTE.bit()) != 0) {
      slab.inc(noRoute);
    }
    if ((info.flags & ResponseFlag.NO_CLUSTER.bit()) != 0) {
      slab.inc(noCluster);
    }
  }

  private static int counter(StatScope scope, String statPrefix, String name) {
    return scope.counter(name(statPrefix, name));
  }

  private static StatName name(String statPrefix, String name) {
    return StatName.of("http", "envoy_http_conn_manager_prefix", statPrefix, name);
  }
}
