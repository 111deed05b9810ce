package dev.weir.control.ca;

import dev.weir.control.model.SpiffeId;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How often each identity may ask: a bucket of tokens for each. Whoever has not asked for long is
 * forgotten first, so that who asks under ever new names takes no memory. Any thread.
 */
final class Rates {
  private static final int MOST_KNOWN = 65_536;
  private static final float LOAD = 0.75f;

  private static final class Bucket {
    double tokens;
    long at;

    Bucket(double tokens, long at) {
      this.tokens = tokens;
      this.at = at;
    }
  }

  private final int burst;
  private final double perNano;
  private final Map<SpiffeId, Bucket> buckets = new LinkedHashMap<>(16, LOAD, true);

  /**
   * @param burst at once
   * @param refill in which one more comes
   */
  Rates(int burst, Duration refill) {
    this.burst = burst;
    this.perNano = 1.0 / refill.toNanos();
  }

  /** Whether {@code who} may ask now, at {@code nanos} by a clock that nobody sets. */
  synchronized boolean take(SpiffeId who, long nanos) {
    Bucket bucket = buckets.computeIfAbsent(who, key -> new Bucket(burst, nanos));
    bucket.tokens = Math.min(burst, bucket.tokens + (nanos - bucket.at) * perNano);
    bucket.at = nanos;
    if (buckets.size() > MOST_KNOWN) {
      buckets.remove(buckets.keySet().iterator().next());
    }
    if (bucket.tokens < 1) {
      return false;
    }
    bucket.tokens -= 1;
    return true;
  }
}
