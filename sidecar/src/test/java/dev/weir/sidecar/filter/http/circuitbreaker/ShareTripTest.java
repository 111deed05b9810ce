package dev.weir.sidecar.filter.http.circuitbreaker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreaker.State;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.ConsecutiveFailures;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.FailureRate;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.LastRequests;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.LastTime;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Share;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.SlowCalls;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Trip;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Window;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A breaker that opens by a share of failed, or of slow, attempts. */
class ShareTripTest {
  private static final long SECOND = 1_000_000_000L;
  private static final Window LAST_20 = new LastRequests(20);
  private static final Window LAST_10_S = new LastTime(Duration.ofSeconds(10));

  private final List<State> seen = Collections.synchronizedList(new ArrayList<>());
  private long now;

  private static Trip failures(double share, Window window, int atLeast) {
    return new FailureRate(new Share((int) Math.round(share * 10_000), window, atLeast));
  }

  private static Trip slow(double share, Window window, int atLeast) {
    return new SlowCalls(
        Duration.ofSeconds(1), new Share((int) Math.round(share * 10_000), window, atLeast));
  }

  private CircuitBreaker breaker(Trip trip) {
    return new CircuitBreaker(config(trip), (from, to) -> seen.add(to), 0);
  }

  private static CircuitBreakerConfig config(Trip trip) {
    return new CircuitBreakerConfig(
        "shop/inventory",
        CircuitBreakerConfig.Scope.SERVICE,
        trip,
        Optional.empty(),
        Duration.ofSeconds(5),
        2,
        false);
  }

  private void succeed(CircuitBreaker of, int times) {
    took(of, times, 0);
  }

  private void took(CircuitBreaker of, int times, long nanos) {
    for (int i = 0; i < times; i++) {
      of.success(of.acquire(now), nanos, now);
    }
  }

  private void fail(CircuitBreaker of, int times) {
    for (int i = 0; i < times; i++) {
      of.failure(of.acquire(now), 0, now);
    }
  }

  @Test
  void opensAtItsShareAndNotBefore() {
    CircuitBreaker breaker = breaker(failures(0.5, LAST_20, 20));
    fail(breaker, 9);
    succeed(breaker, 11);
    assertEquals(State.CLOSED, breaker.state(), "9 of 20");
    assertEquals("closed, 9 of 20 calls failed (45 %)", breaker.describe(now));
    fail(breaker, 9);
    assertEquals(State.CLOSED, breaker.state(), "each failure that comes takes one's place");
    fail(breaker, 1);
    assertEquals(State.OPEN, breaker.state());
    assertTrue(
        breaker.describe(now).endsWith("after 10 of 20 calls failed (50 %)"),
        breaker.describe(now));
  }

  @Test
  void shareThatIsNoBinaryFractionIsExact() {
    CircuitBreaker breaker = breaker(failures(0.07, new LastRequests(100), 100));
    succeed(breaker, 93);
    fail(breaker, 6);
    assertEquals(State.CLOSED, breaker.state());
    fail(breaker, 1);
    assertEquals(State.OPEN, breaker.state(), "7 of 100");
  }

  @Test
  void tooFewCallsDecideNothing() {
    CircuitBreaker breaker = breaker(failures(0.5, LAST_10_S, 20));
    fail(breaker, 19);
    assertEquals(State.CLOSED, breaker.state());
    now = 10 * SECOND;
    fail(breaker, 19);
    assertEquals(State.CLOSED, breaker.state(), "the first ones have left the window");
    fail(breaker, 1);
    assertEquals(State.OPEN, breaker.state());
    assertTrue(
        breaker.describe(now).endsWith("after 20 of 20 calls failed (100 %) in 10 s"),
        breaker.describe(now));
  }

  @Test
  void successThatMakesEnoughCallsToJudgeByOpens() {
    CircuitBreaker breaker = breaker(failures(0.5, LAST_20, 20));
    fail(breaker, 19);
    assertEquals(State.CLOSED, breaker.state());
    succeed(breaker, 1);
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void whatWasGivenUpOrRefusedIsNoCall() {
    CircuitBreaker breaker = breaker(failures(0.5, LAST_20, 20));
    fail(breaker, 19);
    breaker.ignored(breaker.acquire(now));
    breaker.givenUp(breaker.acquire(now), 60 * SECOND, now);
    assertEquals("closed, 19 of 19 calls failed (100 %)", breaker.describe(now));
  }

  @Test
  void windowIsEmptyWhenItClosesAgain() {
    CircuitBreaker breaker = breaker(failures(0.5, LAST_20, 20));
    fail(breaker, 20);
    now = 5 * SECOND;
    succeed(breaker, 2);
    assertEquals(List.of(State.OPEN, State.HALF_OPEN, State.CLOSED), seen);
    assertEquals("closed, 0 of 0 calls failed (0 %)", breaker.describe(now));
    fail(breaker, 19);
    assertEquals(State.CLOSED, breaker.state());
  }

  @Test
  void stragglersOfAnEarlierPhaseAreNotCounted() {
    CircuitBreaker breaker = breaker(failures(0.5, LAST_20, 20));
    long straggler = breaker.acquire(now);
    fail(breaker, 20);
    now = 5 * SECOND;
    succeed(breaker, 2);
    breaker.failure(straggler, 0, now);
    assertEquals("closed, 0 of 0 calls failed (0 %)", breaker.describe(now));
  }

  @Test
  void slowAnswersOpenItWhetherOrNotTheyFailed() {
    CircuitBreaker breaker = breaker(slow(0.6, LAST_10_S, 5));
    took(breaker, 2, SECOND); // not longer than that
    took(breaker, 2, SECOND + 1);
    breaker.failure(breaker.acquire(now), 2 * SECOND, now);
    assertEquals(State.OPEN, breaker.state());
    assertTrue(
        breaker.describe(now).endsWith("after 3 of 5 calls took over 1 s (60 %) in 10 s"),
        breaker.describe(now));
  }

  @Test
  void failuresThatAreFastAreNotSlow() {
    CircuitBreaker breaker = breaker(slow(0.6, LAST_20, 5));
    fail(breaker, 20);
    assertEquals("closed, 0 of 20 calls took over 1 s (0 %)", breaker.describe(now));
  }

  @Test
  void callThatWasGivenUpWhenItHadTakenTooLongIsSlow() {
    CircuitBreaker breaker = breaker(slow(0.6, LAST_20, 3));
    for (int i = 0; i < 3; i++) {
      breaker.givenUp(breaker.acquire(now), SECOND, now);
    }
    assertEquals("closed, 0 of 0 calls took over 1 s (0 %)", breaker.describe(now), "too early");
    for (int i = 0; i < 3; i++) {
      breaker.givenUp(breaker.acquire(now), SECOND + 1, now);
    }
    assertEquals(State.OPEN, breaker.state());
  }

  @Test
  void slowProbeReopensAndSoDoesOneThatFails() {
    CircuitBreaker breaker = breaker(slow(0.6, LAST_20, 1));
    took(breaker, 1, 2 * SECOND);
    now = 5 * SECOND;
    succeed(breaker, 1);
    took(breaker, 1, 2 * SECOND);
    assertEquals(State.OPEN, breaker.state());
    assertTrue(breaker.describe(now).endsWith("a probe that was slow"), breaker.describe(now));
    now = 10 * SECOND;
    fail(breaker, 1);
    assertEquals(State.OPEN, breaker.state());
    now = 15 * SECOND;
    succeed(breaker, 2);
    assertEquals(State.CLOSED, breaker.state());
  }

  @Test
  void slowProbeOfABreakerThatCountsFailuresIsAsGoodAsAnother() {
    CircuitBreaker breaker = breaker(failures(0.5, LAST_20, 1));
    fail(breaker, 1);
    now = 5 * SECOND;
    took(breaker, 2, 60 * SECOND);
    assertEquals(State.CLOSED, breaker.state());
  }

  @Test
  void otherNumbersOfTheSameWindowKeepWhatWasCounted() {
    CircuitBreaker breaker = breaker(failures(0.9, LAST_20, 20));
    succeed(breaker, 10);
    fail(breaker, 9);
    breaker.configure(config(failures(0.5, LAST_20, 10)));
    assertEquals("closed, 9 of 19 calls failed (47 %)", breaker.describe(now));
    fail(breaker, 1);
    assertEquals(State.OPEN, breaker.state(), "10 of 20");
  }

  @Test
  void otherWindowOrKindBeginsACountOfItsOwnAndTheStateStays() {
    CircuitBreaker breaker = breaker(failures(0.5, LAST_20, 20));
    fail(breaker, 19);
    breaker.configure(config(failures(0.5, LAST_10_S, 20)));
    assertEquals("closed, 0 of 0 calls failed (0 %) in 10 s", breaker.describe(now));
    fail(breaker, 20);
    breaker.configure(config(slow(0.5, LAST_10_S, 20)));
    assertEquals(State.OPEN, breaker.state());
    assertEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
    now = 5 * SECOND;
    breaker.configure(config(new ConsecutiveFailures(2)));
    assertNotEquals(CircuitBreaker.REFUSED, breaker.acquire(now));
    assertEquals(State.HALF_OPEN, breaker.state());
  }

  @Test
  void twoThreadsOpenItOnce() throws InterruptedException {
    for (Trip trip : List.of(failures(0.5, LAST_20, 20), failures(0.5, LAST_10_S, 20))) {
      seen.clear();
      CircuitBreaker breaker = breaker(trip);
      Runnable failing = () -> fail(breaker, 1000);
      Thread other = Thread.ofPlatform().start(failing);
      failing.run();
      other.join();
      assertEquals(List.of(State.OPEN), seen);
    }
  }
}
