package dev.weir.sidecar.filter.http.circuitbreaker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreaker.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
  private static final long SECOND = 1_000_000_000L;

  private final List<State> seen = new ArrayList<>();
  private final CircuitBreaker breaker = breaker(Optional.empty());
  private long now;

  private CircuitBreaker breaker(Optional<Duration> interval) {
    return new CircuitBreaker(config(4, interval), (from, to) -> seen.add(to), 0);
  }

  private static CircuitBreakerConfig config(int failures, Optional<Duration> interval) {
    return new CircuitBreakerConfig(
        "shop/inventory",
        CircuitBreakerConfig.Scope.SERVICE,
        new CircuitBreakerConfig.ConsecutiveFailures(failures),
        interval,
        Duration.ofSeconds(5),
        3,
        false);
  }

  private void fail(CircuitBreaker of, int times) {
    for (int i = 0; i < times; i++) {
      of.failure(of.acquire(now), 0, now);
    }
  }

  @Test
  void opensAtTheConfiguredNumberOfFailuresInARow() {
    fail(breaker, 3);
    assertEquals(State.CLOSED, breaker.state());
    fail(breaker, 1);
    assertEquals(State.OPEN, breaker.state());
    assertEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
  }

  @Test
  void successBetweenFailuresBeginsTheCountAnew() {
    fail(breaker, 3);
    breaker.success(breaker.acquire(now), 0, now);
    fail(breaker, 3);
    assertEquals(State.CLOSED, breaker.state());
  }

  @Test
  void staysOpenForItsTimeAndSaysHowLong() {
    fail(breaker, 4);
    now = 2 * SECOND;
    assertEquals(3 * SECOND, breaker.nanosUntilProbe(now));
    assertTrue(breaker.refuses(now));
    now = 5 * SECOND - 1;
    assertEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
    now = 5 * SECOND;
    assertFalse(breaker.refuses(now));
    assertNotEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
    assertEquals(State.HALF_OPEN, breaker.state());
  }

  @Test
  void halfOpenAdmitsAsManyProbesAsMaySucceedAndNoMore() {
    fail(breaker, 4);
    now = 5 * SECOND;
    for (int i = 0; i < 3; i++) {
      assertNotEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
    }
    assertEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
  }

  @Test
  void successesInARowClose() {
    fail(breaker, 4);
    now = 5 * SECOND;
    for (int i = 0; i < 3; i++) {
      assertEquals(State.HALF_OPEN, i == 0 ? State.HALF_OPEN : breaker.state());
      breaker.success(breaker.acquire(now), 0, now);
    }
    assertEquals(State.CLOSED, breaker.state());
    assertEquals(List.of(State.OPEN, State.HALF_OPEN, State.CLOSED), seen);
  }

  @Test
  void anyFailureWhileHalfOpenReopensForAllOfTheTime() {
    fail(breaker, 4);
    now = 5 * SECOND;
    breaker.success(breaker.acquire(now), 0, now);
    breaker.failure(breaker.acquire(now), 0, now);
    assertEquals(State.OPEN, breaker.state());
    assertEquals(5 * SECOND, breaker.nanosUntilProbe(now));
  }

  @Test
  void stragglersOfAnEarlierPhaseDecideNothing() {
    long straggler = breaker.acquire(now);
    fail(breaker, 4);
    now = 5 * SECOND;
    long probe = breaker.acquire(now);
    breaker.failure(straggler, 0, now);
    assertEquals(State.HALF_OPEN, breaker.state());
    breaker.success(straggler, 0, now);
    breaker.success(straggler, 0, now);
    breaker.success(straggler, 0, now);
    assertEquals(State.HALF_OPEN, breaker.state());
    breaker.success(probe, 0, now);
    assertEquals(State.HALF_OPEN, breaker.state());
  }

  @Test
  void probeThatWasGivenUpFreesItsPlace() {
    fail(breaker, 4);
    now = 5 * SECOND;
    long first = breaker.acquire(now);
    breaker.acquire(now);
    breaker.acquire(now);
    assertEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
    breaker.ignored(first);
    assertNotEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
  }

  @Test
  void probesThatHangGiveTheirPlacesToOthersAfterTheOpenTime() {
    fail(breaker, 4);
    now = 5 * SECOND;
    long hanging = breaker.acquire(now);
    breaker.acquire(now);
    breaker.acquire(now);
    now = 9 * SECOND;
    assertEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
    assertEquals(SECOND, breaker.nanosUntilProbe(now));
    now = 10 * SECOND;
    for (int i = 0; i < 3; i++) {
      assertNotEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
    }
    assertEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
    breaker.ignored(hanging);
    assertEquals(CircuitBreaker.REFUSED, breaker.acquire(now), "its place is another's");
  }

  @Test
  void halfOpenWithoutAPlaceLeftIsToBeAvoided() {
    fail(breaker, 4);
    now = 5 * SECOND;
    for (int i = 0; i < 3; i++) {
      assertFalse(breaker.refuses(now));
      breaker.acquire(now);
    }
    assertTrue(breaker.refuses(now));
    assertFalse(breaker.refuses(now + 5 * SECOND));
  }

  @Test
  void answerOfAProbeThatWasSlowStillCounts() {
    fail(breaker, 4);
    now = 5 * SECOND;
    long[] slow = {breaker.acquire(now), breaker.acquire(now), breaker.acquire(now)};
    now = 12 * SECOND;
    breaker.acquire(now);
    for (long permit : slow) {
      breaker.success(permit, 0, now);
    }
    assertEquals(State.CLOSED, breaker.state());
  }

  @Test
  void countIsClearedEveryInterval() {
    CircuitBreaker timed = breaker(Optional.of(Duration.ofSeconds(60)));
    fail(timed, 3);
    now = 61 * SECOND;
    fail(timed, 3);
    assertEquals(State.CLOSED, timed.state());
    fail(timed, 1);
    assertEquals(State.OPEN, timed.state());
  }

  @Test
  void newNumbersHoldAtOnceAndKeepTheState() {
    fail(breaker, 2);
    breaker.configure(config(3, Optional.empty()));
    fail(breaker, 1);
    assertEquals(State.OPEN, breaker.state());
    breaker.configure(config(10, Optional.empty()));
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void twoThreadsOpenItOnce() throws InterruptedException {
    Runnable failing = () -> fail(breaker, 1000);
    Thread other = Thread.ofPlatform().start(failing);
    failing.run();
    other.join();
    assertEquals(List.of(State.OPEN), seen);
  }
}
