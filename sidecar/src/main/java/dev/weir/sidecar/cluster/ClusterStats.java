package dev.weir.sidecar.cluster;

import dev.weir.sidecar.stats.StatFamily;

/**
 * The statistics of one cluster, as Envoy names them.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/upstream/cluster_manager/cluster_stats
 */
public final class ClusterStats {
  static final StatFamily<ClusterStats> FAMILY =
      new StatFamily<>("cluster", "envoy_cluster_name", ClusterStats::new);

  /** Of a cluster that is no more. */
  static final ClusterStats NOWHERE = FAMILY.nowhere();

  public final int cxTotal;
  public final int cxActive;
  public final int cxConnectFail;
  public final int cxConnectTimeout;
  public final int cxConnectAttemptsExceeded;
  public final int cxOverflow;
  public final int cxNoneHealthy;
  public final int cxDestroy;
  public final int cxMaxDurationReached;

  /** Closed because a loop had too many idle ones; no statistic of Envoy's. */
  public final int cxIdleEvicted;

  public final int rqTotal;
  public final int rqActive;
  public final int rqCompleted;
  public final int[] rqByClass = new int[6];

  /** Responses that were not passed on, but tried again for: {@code retry.upstream_rq_*}. */
  public final int retryCompleted;

  public final int[] retryByClass = new int[6];
  public final int rqPendingTotal;
  public final int rqPendingOverflow;
  public final int rqRetry;
  public final int rqRetrySuccess;
  public final int rqRetryOverflow;
  public final int rqRetryLimitExceeded;
  public final int rqTimeout;
  public final int rqPerTryTimeout;
  public final int rqPerTryIdleTimeout;
  public final int rqRxReset;
  public final int rqTxReset;
  public final int rqTime;
  public final int retryAbandoned;

  /** Copies of requests that were slow to be answered: {@code weir_hedge.*}. */
  public final int hedgeSent;

  /** Copies whose answer came first. */
  public final int hedgeWon;

  /** Copies that the retry budget did not pay. */
  public final int hedgeOverflow;

  /** Copies for which there was no other host. */
  public final int hedgeNoHost;

  /** Copies of requests that went here because a route mirrors them: {@code weir_mirror.*}. */
  public final int mirrorSent;

  /** Those that were given up, or not begun, or failed. */
  public final int mirrorGivenUp;

  public final int membershipTotal;
  public final int membershipHealthy;
  public final int ejectionsActive;
  public final int ejectionsTotal;
  public final int panic;

  private ClusterStats(StatFamily.Names names) {
    cxTotal = names.counter("upstream_cx_total");
    cxActive = names.gauge("upstream_cx_active");
    cxConnectFail = names.counter("upstream_cx_connect_fail");
    cxConnectTimeout = names.counter("upstream_cx_connect_timeout");
    cxConnectAttemptsExceeded = names.counter("upstream_cx_connect_attempts_exceeded");
    cxOverflow = names.counter("upstream_cx_overflow");
    cxNoneHealthy = names.counter("upstream_cx_none_healthy");
    cxDestroy = names.counter("upstream_cx_destroy");
    cxMaxDurationReached = names.counter("upstream_cx_max_duration_reached");
    cxIdleEvicted = names.counter("upstream_cx_idle_evicted");
    rqTotal = names.counter("upstream_rq_total");
    rqActive = names.gauge("upstream_rq_active");
    rqCompleted = names.counter("upstream_rq_completed");
    retryCompleted = names.counter("retry.upstream_rq_completed");
    for (int i = 1; i <= 5; i++) {
      rqByClass[i] = names.counter("upstream_rq_" + i + "xx");
      retryByClass[i] = names.counter("retry.upstream_rq_" + i + "xx");
    }
    rqPendingTotal = names.counter("upstream_rq_pending_total");
    rqPendingOverflow = names.counter("upstream_rq_pending_overflow");
    rqRetry = names.counter("upstream_rq_retry");
    rqRetrySuccess = names.counter("upstream_rq_retry_success");
    rqRetryOverflow = names.counter("upstream_rq_retry_overflow");
    rqRetryLimitExceeded = names.counter("upstream_rq_retry_limit_exceeded");
    rqTimeout = names.counter("upstream_rq_timeout");
    rqPerTryTimeout = names.counter("upstream_rq_per_try_timeout");
    rqPerTryIdleTimeout = names.counter("upstream_rq_per_try_idle_timeout");
    rqRxReset = names.counter("upstream_rq_rx_reset");
    rqTxReset = names.counter("upstream_rq_tx_reset");
    rqTime = names.histogram("upstream_rq_time");
    retryAbandoned = names.counter("retry_or_shadow_abandoned");
    hedgeSent = names.counter("weir_hedge.sent");
    hedgeWon = names.counter("weir_hedge.won");
    hedgeOverflow = names.counter("weir_hedge.overflow");
    hedgeNoHost = names.counter("weir_hedge.no_host");
    mirrorSent = names.counter("weir_mirror.sent");
    mirrorGivenUp = names.counter("weir_mirror.given_up");
    membershipTotal = names.gauge("membership_total");
    membershipHealthy = names.gauge("membership_healthy");
    ejectionsActive = names.gauge("outlier_detection.ejections_active");
    ejectionsTotal = names.counter("outlier_detection.ejections_enforced_total");
    panic = names.counter("lb_healthy_panic");
  }
}
