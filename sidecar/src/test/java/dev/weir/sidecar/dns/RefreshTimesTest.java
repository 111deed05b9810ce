package dev.weir.sidecar.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.cluster.DnsDiscovery.Backoff;
import dev.weir.sidecar.config.cluster.DnsDiscovery.Refresh;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class RefreshTimesTest {
  private static final Duration RATE = Duration.ofSeconds(5);
  private static final Duration TTL = Duration.ofSeconds(30);

  private static RefreshTimes times(
      Optional<Backoff> onFailure, boolean respectTtl, Duration jitter) {
    return new RefreshTimes(new Refresh(RATE, onFailure, respectTtl, jitter), new Random(1));
  }

  @Test
  void rateHoldsAfterAnswersAndFailures() {
    RefreshTimes times = times(Optional.empty(), false, Duration.ZERO);
    assertEquals(RATE, times.afterAnswer(TTL));
    assertEquals(RATE, times.afterFailure());
    assertEquals(RATE, times.afterFailure());
  }

  @Test
  void timeToLiveTakesTheRatesPlaceUnlessItIsZero() {
    RefreshTimes times = times(Optional.empty(), true, Duration.ZERO);
    assertEquals(TTL, times.afterAnswer(TTL));
    assertEquals(RATE, times.afterAnswer(Duration.ZERO));
  }

  @Test
  void jitterIsAddedUpToItsBound() {
    RefreshTimes times = times(Optional.empty(), false, Duration.ofMillis(100));
    long most = 0;
    for (int i = 0; i < 1000; i++) {
      long added = times.afterAnswer(TTL).minus(RATE).toMillis();
      assertTrue(added >= 0 && added < 100, () -> added + " ms");
      most = Math.max(most, added);
    }
    assertTrue(most > 90, "it is spread");
  }

  @Test
  void failuresBackOffToTheMaximumAndAnAnswerBeginsAnew() {
    Backoff config = new Backoff(Duration.ofMillis(100), Duration.ofMillis(800));
    RefreshTimes times = times(Optional.of(config), false, Duration.ZERO);
    for (int round = 0; round < 2; round++) {
      long[] bounds = {100, 200, 400, 800, 800};
      for (long bound : bounds) {
        assertTrue(times.afterFailure().toMillis() <= bound);
      }
      assertEquals(RATE, times.afterAnswer(TTL));
    }
  }
}
