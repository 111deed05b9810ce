package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.cluster.Cluster;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Weir's retry budget: each first attempt deposits a share of a token, each retry costs one; a
 * floor of tokens a second comes on top. What traffic has saved is bounded by what the share of 100
 * requests gives and melts away over the window, and what idle time has by one second of the floor:
 * one request after a quiet night must not become many. At first there is one token. Any thread,
 * one CAS.
 */
public final class RetryTokens {
  private static final long TOKEN = 1 << 20;
  private static final long STEP_NANOS = 1_000_000;

  private final long deposit;
  private final long most;
  private final long mostOfFloor;
  private final double lossPerNano;
  private final double floorPerNano;
  private final AtomicLong balance;
  private final AtomicLong refilledAt;

  public RetryTokens(Cluster.RetryBudget budget, long nowNanos) {
    this.deposit = Math.round(budget.share() * TOKEN);
    // Who wants no retry gets none; else there is room for one whatever the numbers.
    double least = budget.share() > 0 || budget.atLeastPerSecond() > 0 ? 1 : 0;
    this.mostOfFloor = Math.round(TOKEN * Math.max(least, budget.atLeastPerSecond()));
    this.most = Math.max(mostOfFloor, Math.round(TOKEN * budget.share() * 100));
    this.lossPerNano = (double) most / budget.over().toNanos();
    this.floorPerNano = budget.atLeastPerSecond() * TOKEN / 1e9;
    this.balance = new AtomicLong(Math.round(TOKEN * least));
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

  /** Adds what the floor gives, and takes away what has been kept for too long. */
  private void refill(long nowNanos) {
    long since = refilledAt.get();
    long passed = nowNanos - since;
    if (passed < STEP_NANOS || !refilledAt.compareAndSet(since, nowNanos)) {
      return;
    }
    long gain = (long) (passed * floorPerNano);
    long lost = (long) (passed * lossPerNano);
    balance.updateAndGet(have ->
        have > mostOfFloor
            ? Math.max(mostOfFloor, have - lost)
            : Math.min(mostOfFloor, have + gain));
  }
}
