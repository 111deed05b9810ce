package dev.weir.sidecar.xds;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Full-jitter exponential delays, bounded. Not thread-safe. */
public final class Backoff {
  private final Duration base;
  private final Duration max;
  private final RandomGenerator random;
  private int failures;

  /**
   * 0.5 s to 10 s. Envoy's own streams go to 30 s: too long to wait for a control plane that is
   * back, while ten thousand proxies within 10 s are still a thousand streams a second.
   */
  public static Backoff standard(RandomGenerator random) {
    return new Backoff(Duration.ofMillis(500), Duration.ofSeconds(10), random);
  }

  public Backoff(Duration base, Duration max, RandomGenerator random) {
    this.base = base;
    this.max = max;
    this.random = random;
  }

  /** Up to {@code base} after the first failure, up to twice of it after the next. */
  public Duration next() {
    long bound = Math.min(max.toMillis(), base.toMillis() << Math.min(failures, 20));
    failures++;
    return Duration.ofMillis(random.nextLong(bound) + 1);
  }

  /** The next delay is that after a first failure. */
  public void reset() {
    failures = 0;
  }
}
