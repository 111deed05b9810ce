package dev.weir.sidecar.dns;

import dev.weir.sidecar.config.cluster.DnsDiscovery.Refresh;
import dev.weir.sidecar.xds.Backoff;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** When a name is looked up again. Not thread-safe. */
final class RefreshTimes {
  private final Refresh config;
  private final RandomGenerator random;
  private final Optional<Backoff> backoff;

  RefreshTimes(Refresh config, RandomGenerator random) {
    this.config = config;
    this.random = random;
    this.backoff =
        config.onFailure().map(failure -> new Backoff(failure.base(), failure.max(), random));
  }

  /**
   * @param ttl of the addresses; zero where there are none, or they are not to be kept
   */
  Duration afterAnswer(Duration ttl) {
    backoff.ifPresent(Backoff::reset);
    Duration rate = config.respectTtl() && !ttl.isZero() ? ttl : config.rate();
    long jitter = config.jitter().toMillis();
    return jitter > 0 ? rate.plusMillis(random.nextLong(jitter)) : rate;
  }

  Duration afterFailure() {
    return backoff.map(Backoff::next).orElse(config.rate());
  }
}
