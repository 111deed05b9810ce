package dev.weir.sidecar.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.cluster.Cluster;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may be in use at once; in the path of requests: ThresholdsTest. */
class ResourcesTest {
  private static Resources limits(int connections, int pending, int requests, int retries) {
    return new Resources(
        new Cluster.Thresholds(connections, pending, requests, retries, Optional.empty(), false));
  }

  private static Resources budget(double percent, int minConcurrency) {
    return new Resources(
        new Cluster.Thresholds(
            1024,
            1024,
            1024,
            1,
            Optional.of(new Cluster.RetryConcurrency(percent, minConcurrency)),
            false));
  }

  /** How many fit. */
  private static int begun(BooleanSupplier begin) {
    int begun = 0;
    while (begun < 1000 && begin.getAsBoolean()) {
      begun++;
    }
    return begun;
  }

  @Test
  void eachKindHasItsOwnLimit() {
    Resources resources = limits(1, 2, 3, 4);
    assertTrue(resources.openConnection(false));
    assertFalse(resources.openConnection(false));
    assertEquals(2, begun(resources::beginPending));
    assertEquals(3, begun(resources::beginRequest));
    assertEquals(4, begun(resources::beginRetry));
    assertEquals(1, resources.connections());
    assertEquals(2, resources.pending());
    assertEquals(3, resources.requests());
    assertEquals(4, resources.retries());
  }

  @Test
  void whatEndedLeavesItsPlace() {
    Resources resources = limits(1, 1, 1, 1);
    for (int i = 0; i < 3; i++) {
      assertTrue(resources.unused());
      assertTrue(resources.openConnection(false));
      assertFalse(resources.unused());
      resources.closeConnection();
      assertTrue(resources.beginPending());
      assertFalse(resources.unused());
      resources.endPending();
      assertTrue(resources.beginRequest());
      assertFalse(resources.unused());
      resources.endRequest();
      assertTrue(resources.beginRetry());
      assertFalse(resources.unused());
      resources.endRetry();
    }
  }

  @Test
  void poolThatNeedsAConnectionGetsItOverTheLimitAndItCounts() {
    Resources resources = limits(1, 1, 1, 1);
    assertTrue(resources.openConnection(true));
    assertTrue(resources.openConnection(true));
    assertEquals(2, resources.connections());
    assertFalse(resources.openConnection(false));
  }

  @Test
  void limitsThatChangeHoldForWhatIsInUse() {
    Resources resources = limits(1, 1, 1, 1);
    assertTrue(resources.beginRequest());
    resources.thresholds(new Cluster.Thresholds(1, 1, 2, 1, Optional.empty(), false));
    assertEquals(2, resources.thresholds().maxRequests());
    assertTrue(resources.beginRequest());
    assertFalse(resources.beginRequest());
  }

  /** As Envoy: the share of what is active and what waits, or the least, whichever is more. */
  @ParameterizedTest(name = "{0} active, {1} waiting, {2} %, at least {3}: {4}")
  @CsvSource({
    "8, 2, 20, 0, 2",
    "8, 2, 20, 3, 3",
    "8, 2, 50, 3, 5",
    "0, 0, 20, 0, 0",
    "4, 0, 20, 0, 0"
  })
  void retryBudgetIsAShareOfWhatIsUnderWay(
      int active, int waiting, double percent, int least, int retries) {
    Resources resources = budget(percent, least);
    for (int i = 0; i < active; i++) {
      assertTrue(resources.beginRequest());
    }
    for (int i = 0; i < waiting; i++) {
      assertTrue(resources.beginPending());
    }
    assertEquals(retries, begun(resources::beginRetry));
  }
}
