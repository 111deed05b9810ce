package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.cluster.Cluster;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Weir's retry budget: each first attempt deposits a share of a token, each retry costs one; a
 * floor of tokens a second comes on top. What can be saved is bounded by what the floor gives in
 * the window, and by what the share of 100 requests gives. Any thread, one CAS.
 */
public final class RetryTokens {
  private static final long TOKEN = 1 << 20;

  private final long deposit;
  private final long most;
  private final double floorPerNano;
  private final AtomicLong balance;
  private final AtomicLong refilledAt;

  public RetryTokens(Cluster.RetryBudget budget, long nowNanos) {
    this.deposit = Math.round(budget.share() * TOKEN);
    double seconds = budget.over().toNanos() / 1e9;
    // Who wants no retry gets none; else there is room for one whatever the numbers.
    double least = budget.share() > 0 || budget.atLeastPerSecond() > 0 ? 1 : 0;
    this.most =
        Math.round(
            TOKEN
                * Math.max(
                    least, Math.max(budget.share() * 100, budget.atLeastPerSecond() * seconds)));
    this.floorPerNano = budget.atLeastPerSecond() * TOKEN / 1e9;
    this.balance =
        new AtomicLong(
            Math.min(most, Math.round(TOKEN * Math.max(least, budget.atLeastPerSecond()))));
    this.refilledAt = new AtomicLong(nowNanos);
  }

  /** A request's first attempt. */
  public void firstAttempt() {
    if (deposit > 0) {
      balance.accumulateAndGet(deposit, (have, more) -> Math.min(most, have + more));
    }
  }

  /** Takes a token, if there is one. */
  public boolean tryRetry(long nowNanos) {
    refill(nowNanos);
    while (true) {
      long have = balance.get();
      if (have < TOKEN) {
        return false;
      }
      if (balance.compareAndSet(have, have - TOKEN)) {
        return true;
      }
    }
  }

  private void refill(long nowNanos) {
    if (floorPerNano <= 0) {
      return;
    }
    long since = refilledAt.get();
    long gain = (long) ((nowNanos - since) * floorPerNano);
    if (gain > 0 && refilledAt.compareAndSet(since, nowNanos)) {
      balance.accumulateAndGet(gain, (have, more) -> Math.min(most, have + more));
    }
  }
}
