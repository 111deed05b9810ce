package dev.weir.sidecar.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.cluster.Cluster;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryTokensTest {
  private static final long SECOND = 1_000_000_000L;

  private static RetryTokens budget(double share, double atLeastPerSecond) {
    return new RetryTokens(
        new Cluster.RetryBudget(share, Duration.ofSeconds(10), atLeastPerSecond), 0);
  }

  private static int drain(RetryTokens tokens, long now) {
    int taken = 0;
    while (tokens.tryRetry(now)) {
      taken++;
    }
    return taken;
  }

  @Test
  void firstAttemptsDepositTheirShare() {
    RetryTokens tokens = budget(0.2, 0);
    drain(tokens, 0);
    for (int i = 0; i < 50; i++) {
      tokens.firstAttempt(0);
    }
    assertEquals(10, drain(tokens, 0), 1);
  }

  @Test
  void aBudgetOfNothingHasNothing() {
    assertEquals(0, drain(budget(0, 0), 0));
  }

  /** Four hops that each add a little on top of the share would be more than it. */
  @Test
  void floorAddsNothingToAShareThatGivesMore() {
    RetryTokens tokens = budget(0.2, 3);
    drain(tokens, 0);
    int retries = 0;
    for (int i = 1; i <= 1000; i++) {
      long now = i * SECOND / 100;
      tokens.firstAttempt(now);
      retries += drain(tokens, now);
    }
    assertEquals(200, retries, 3);
  }

  @Test
  void floorMakesUpForAShareThatGivesLess() {
    RetryTokens tokens = budget(0.2, 3);
    drain(tokens, 0);
    int retries = 0;
    for (int i = 1; i <= 100; i++) {
      long now = i * SECOND / 10;
      tokens.firstAttempt(now);
      retries += drain(tokens, now);
    }
    assertEquals(30, retries, 2);
  }

  @Test
  void floorComesWithTime() {
    RetryTokens tokens = budget(0, 3);
    assertEquals(1, drain(tokens, 0), "one to begin with");
    assertFalse(tokens.tryRetry(SECOND / 10));
    assertEquals(3, drain(tokens, SECOND + SECOND / 100));
  }

  @Test
  void whatIdleTimeSavesIsOneSecondOfTheFloor() {
    RetryTokens tokens = budget(0.2, 3);
    drain(tokens, 0);
    assertEquals(3, drain(tokens, 1000 * SECOND));
  }

  @Test
  void whatTrafficSavesIsBoundedByTheShareOfAHundredRequests() {
    RetryTokens tokens = budget(0.2, 3);
    drain(tokens, 0);
    for (int i = 0; i < 1000; i++) {
      tokens.firstAttempt(0);
    }
    assertEquals(20, drain(tokens, 0));
  }

  @Test
  void trafficSavesTheShareOfASecond() {
    RetryTokens tokens = budget(0.2, 3);
    long now = 0;
    for (int i = 0; i < 5000; i++) {
      now += SECOND / 500;
      tokens.firstAttempt(now);
    }
    assertEquals(100, drain(tokens, now), 5);
    assertEquals(3, drain(tokens, now + 1000 * SECOND), "it was a busy day, and is no more");
    tokens.firstAttempt(now + 1001 * SECOND);
    assertEquals(3, drain(tokens, now + 1002 * SECOND));
  }

  @Test
  void whatTrafficHasSavedIsGoneAfterTheWindow() {
    RetryTokens tokens = budget(0.2, 0);
    drain(tokens, 0);
    for (int i = 0; i < 1000; i++) {
      tokens.firstAttempt(0);
    }
    assertEquals(10, drain(tokens, 5 * SECOND), 1);
    for (int i = 0; i < 1000; i++) {
      tokens.firstAttempt(5 * SECOND);
    }
    assertEquals(1, drain(tokens, 15 * SECOND));
  }

  @Test
  void stormOfFailuresGetsNoMoreThanItsShare() {
    RetryTokens tokens = budget(0.2, 0);
    drain(tokens, 0);
    int retries = 0;
    for (int i = 0; i < 1000; i++) {
      tokens.firstAttempt(0);
      while (tokens.tryRetry(0)) {
        retries++;
      }
    }
    assertTrue(retries >= 198 && retries <= 201, retries + " retries of 1000 requests");
  }
}
