package dev.weir.sidecar.manager;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.Stats;

/**
 * Statistics of a connection manager, by its stat prefix.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/http/http_conn_man/stats
 */
public final class ManagerStats {
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

  public ManagerStats(Stats stats, String statPrefix) {
    cxTotal = counter(stats, statPrefix, "downstream_cx_total");
    cxActive = stats.gauge(name(statPrefix, "downstream_cx_active"));
    cxMaxDurationReached = counter(stats, statPrefix, "downstream_cx_max_duration_reached");
    cxProtocolError = counter(stats, statPrefix, "downstream_cx_protocol_error");
    rqTotal = counter(stats, statPrefix, "downstream_rq_total");
    rqActive = stats.gauge(name(statPrefix, "downstream_rq_active"));
    rqCompleted = counter(stats, statPrefix, "downstream_rq_completed");
    for (int i = 1; i <= 5; i++) {
      rqByClass[i] = counter(stats, statPrefix, "downstream_rq_" + i + "xx");
    }
    rqRxReset = counter(stats, statPrefix, "downstream_rq_rx_reset");
    rqTimeout = counter(stats, statPrefix, "downstream_rq_timeout");
    rqIdleTimeout = counter(stats, statPrefix, "downstream_rq_idle_timeout");
    rqTooLarge = counter(stats, statPrefix, "downstream_rq_too_large");
    rqTime = stats.histogram(name(statPrefix, "downstream_rq_time"));
    rqFailedPathNormalization =
        counter(stats, statPrefix, "downstream_rq_failed_path_normalization");
    rqRedirectedWithNormalizedPath =
        counter(stats, statPrefix, "downstream_rq_redirected_with_normalized_path");
    noRoute = counter(stats, statPrefix, "no_route");
    noCluster = counter(stats, statPrefix, "no_cluster");
  }

  private static int counter(Stats stats, String statPrefix, String name) {
    return stats.counter(name(statPrefix, name));
  }

  private static StatName name(String statPrefix, String name) {
    return StatName.of("http", "envoy_http_conn_manager_prefix", statPrefix, name);
  }
}
