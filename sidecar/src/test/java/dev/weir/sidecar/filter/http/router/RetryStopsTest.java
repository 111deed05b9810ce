package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.HandClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Which traces were given up; over several hops: RetryOverHopsTest. */
class RetryStopsTest {
  private final HandClock clock = new HandClock();
  private final RetryStops stops = new RetryStops(clock);

  @Test
  void traceIsRememberedForTenSeconds() {
    assertFalse(stops.hasGivenUp("a"));
    stops.gaveUp("a");
    assertTrue(stops.hasGivenUp("a"));
    assertFalse(stops.hasGivenUp("b"));
    clock.advance(Duration.ofSeconds(10).minusNanos(1));
    assertTrue(stops.hasGivenUp("a"));
    clock.advance(Duration.ofNanos(1));
    assertFalse(stops.hasGivenUp("a"));
  }

  @Test
  void callWithoutATraceIsNone() {
    stops.gaveUp(null);
    assertFalse(stops.hasGivenUp(null));
    stops.gaveUp("a");
    assertFalse(stops.hasGivenUp(null));
  }

  @Test
  void tracesAreBoundedAndTheOldMakeRoom() {
    for (int i = 0; i < 10_000; i++) {
      stops.gaveUp("trace" + i);
    }
    stops.gaveUp("one more");
    assertFalse(stops.hasGivenUp("one more"));
    assertTrue(stops.hasGivenUp("trace9999"));
    clock.advance(Duration.ofSeconds(11));
    stops.gaveUp("later");
    assertTrue(stops.hasGivenUp("later"));
    assertFalse(stops.hasGivenUp("trace9999"));
  }
}
