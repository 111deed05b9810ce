package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.cluster.Cluster;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Weir's retry budget: each first attempt deposits a share of a token, each retry costs one; where
 * the share gives fewer tokens a second than the floor, the floor makes up for it. What traffic has
 * saved is bounded by what the share of a second's requests gives, or of 100 where they are fewer,
 * and melts away over the window: an instance that dies fails what it was at, all at once. What
 * idle time has saved is bounded by one second of the floor: one request after a quiet night must
 * not become many. At first there is one token. Any thread, without locks.
 */
public final class RetryTokens {
  private static final long TOKEN = 1 << 20;
  private static final long STEP_NANOS = 1_000_000;
  private static final double RATE_OVER_NANOS = 1e9;
  private static final int FEWEST = 100;

  private final double share;
  private final long deposit;
  private final long mostOfFloor;
  private final long overNanos;
  private final double floorPerNano;
  private final AtomicLong balance;
  private final AtomicLong steppedAt;

  /** First attempts since the last step. */
  private final AtomicLong seen = new AtomicLong();

  /** First attempts a nanosecond, of about the last second; who makes a step writes it. */
  private volatile double rate;

  /** What traffic may save. */
  private volatile long most;

  public RetryTokens(Cluster.RetryBudget budget, long nowNanos) {
    this.share = budget.share();
    this.deposit = Math.round(share * TOKEN);
    // Who wants no retry gets none; else there is room for one whatever the numbers.
    double least = share > 0 || budget.atLeastPerSecond() > 0 ? 1 : 0;
    this.mostOfFloor = Math.round(TOKEN * Math.max(least, budget.atLeastPerSecond()));
    this.most = mostOf(0);
    this.overNanos = budget.over().toNanos();
    this.floorPerNano = budget.atLeastPerSecond() * TOKEN / 1e9;
    this.balance = new AtomicLong(Math.round(TOKEN * least));
    this.steppedAt = new AtomicLong(nowNanos);
  }

  private long mostOf(double rate) {
    double requests = Math.max(FEWEST, rate * RATE_OVER_NANOS);
    return Math.max(mostOfFloor, Math.round(TOKEN * share * requests));
  }

  /** A request's first attempt. */
  public void firstAttempt(long nowNanos) {
    if (deposit > 0) {
      step(nowNanos);
      seen.incrementAndGet();
      long bound = most;
      balance.accumulateAndGet(
          deposit, (have, more) -> Math.max(have, Math.min(bound, have + more)));
    }
  }

  /** How many tokens there are. */
  public double left(long nowNanos) {
    step(nowNanos);
    return (double) balance.get() / TOKEN;
  }

  /** Takes a token, if there is one. */
  public boolean tryRetry(long nowNanos) {
    step(nowNanos);
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
  private void step(long nowNanos) {
    long since = steppedAt.get();
    long passed = nowNanos - since;
    if (passed < STEP_NANOS || !steppedAt.compareAndSet(since, nowNanos)) {
      return;
    }
    double newer = Math.min(1, passed / RATE_OVER_NANOS);
    double before = rate;
    double now = before + ((double) seen.getAndSet(0) / passed - before) * newer;
    rate = now;
    long gain = (long) (passed * Math.max(0, floorPerNano - now * deposit));
    long lost = (long) ((double) passed * most / overNanos);
    most = mostOf(now);
    balance.updateAndGet(have ->
        have > mostOfFloor
            ? Math.max(mostOfFloor, have - lost)
            : Math.min(mostOfFloor, have + gain));
  }
}
