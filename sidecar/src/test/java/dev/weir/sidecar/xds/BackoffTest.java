package dev.weir.sidecar.xds;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

final class BackoffTest {
  @Property
  void delaysDoubleUpToABoundAndAreJittered(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 100) int failures) {
    Backoff backoff = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30), new Random(seed));
    for (int i = 0; i < failures; i++) {
      long delay = backoff.next().toMillis();
      assertTrue(delay >= 1 && delay <= Math.min(30_000, 500L << Math.min(i, 10)), "" + delay);
    }
    backoff.reset();

    assertTrue(backoff.next().toMillis() <= 500);
  }
}
