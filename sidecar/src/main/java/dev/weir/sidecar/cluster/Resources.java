package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.cluster.Cluster;

/**
 * What one priority of a cluster has in use, over all loops, against its circuit breaker
 * thresholds.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/intro/arch_overview/upstream/circuit_breaking
 */
public final class Resources {
  private final PaddedCounter connections = new PaddedCounter();
  private final PaddedCounter pending = new PaddedCounter();
  private final PaddedCounter requests = new PaddedCounter();
  private final PaddedCounter retries = new PaddedCounter();
  private volatile Cluster.Thresholds thresholds;

  Resources(Cluster.Thresholds thresholds) {
    this.thresholds = thresholds;
  }

  void thresholds(Cluster.Thresholds replacement) {
    thresholds = replacement;
  }

  public Cluster.Thresholds thresholds() {
    return thresholds;
  }

  /**
   * @param must a pool with waiters and no connection may always open one
   */
  public boolean openConnection(boolean must) {
    if (must) {
      connections.incrementAndGet();
      return true;
    }
    return connections.tryIncrement(thresholds.maxConnections());
  }

  public void closeConnection() {
    connections.decrementAndGet();
  }

  public boolean beginPending() {
    return pending.tryIncrement(thresholds.maxPendingRequests());
  }

  public void endPending() {
    pending.decrementAndGet();
  }

  public boolean beginRequest() {
    return requests.tryIncrement(thresholds.maxRequests());
  }

  /** One more request would be the last that may be under way. */
  public boolean nearlyFull() {
    return requests.get() >= thresholds.maxRequests() - 1;
  }

  public void endRequest() {
    requests.decrementAndGet();
  }

  /**
   * A retry is under way until {@link #endRetry}. Of the requests that a budget is a share of, the
   * one that is to be tried again is one, though its attempt may have ended.
   */
  public boolean beginRetry() {
    int max =
        thresholds
            .retryBudget()
            .map(budget ->
                (int)
                    Math.max(
                        budget.minConcurrency(),
                        Math.max(1, requests.get() + pending.get()) * budget.percent() / 100))
            .orElse(thresholds.maxRetries());
    return retries.tryIncrement(max);
  }

  public void endRetry() {
    retries.decrementAndGet();
  }

  /** Nothing is in use. */
  boolean unused() {
    return connections.get() == 0
        && pending.get() == 0
        && requests.get() == 0
        && retries.get() == 0;
  }

  public int connections() {
    return connections.get();
  }

  public int pending() {
    return pending.get();
  }

  public int requests() {
    return requests.get();
  }

  public int retries() {
    return retries.get();
  }
}
