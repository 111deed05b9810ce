package dev.weir.sidecar.filter.rate;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket that refills continuously: the generic cell rate algorithm, one long and one CAS a
 * decision. Any thread.
 *
 * <p>The long is the moment at which the bucket will be full again. A token moves it by the time
 * one token takes to refill; a request is refused if that would put it further ahead of now than a
 * whole bucket takes.
 */
public final class TokenBucket {
  private final long nanosPerToken;
  private final long nanosPerBucket;
  private final AtomicLong fullAt;

  /**
   * @param ratePerSecond above 0; over 1e9 is as 1e9
   * @param burst the bucket's size in tokens, at least 1
   * @param nowNanos on the scale of {@link System#nanoTime()}; it begins full
   */
  public TokenBucket(double ratePerSecond, long burst, long nowNanos) {
    if (!(ratePerSecond > 0) || burst < 1) {
      throw new IllegalArgumentException("rate " + ratePerSecond + ", burst " + burst);
    }
    this.nanosPerToken = Math.max(1, (long) Math.min(1e18, 1e9 / ratePerSecond));
    this.nanosPerBucket = (long) Math.min(4e18, (double) nanosPerToken * burst);
    this.fullAt = new AtomicLong(nowNanos);
  }

  /** Takes a token, if there is one. */
  public boolean tryTake(long nowNanos) {
    while (true) {
      long before = fullAt.get();
      long base = before - nowNanos > 0 ? before : nowNanos;
      long after = base + nanosPerToken;
      if (after - nowNanos > nanosPerBucket) {
        return false;
      }
      if (fullAt.compareAndSet(before, after)) {
        return true;
      }
    }
  }

  /** Puts back a token that was taken and not used. */
  public void putBack() {
    fullAt.addAndGet(-nanosPerToken);
  }

  /** How long until a token is there; 0 if one is. */
  public long nanosUntilToken(long nowNanos) {
    long ahead = Math.max(0, fullAt.get() - nowNanos);
    return Math.max(0, ahead + nanosPerToken - nanosPerBucket);
  }

  /** Whole tokens that are there. */
  public long tokens(long nowNanos) {
    return Math.max(0, nanosPerBucket - Math.max(0, fullAt.get() - nowNanos)) / nanosPerToken;
  }

  /** How many it holds. */
  public long burst() {
    return nanosPerBucket / nanosPerToken;
  }

  /** Nobody has taken a token for as long as the bucket takes to fill. */
  public boolean full(long nowNanos) {
    return fullAt.get() - nowNanos <= 0;
  }
}
