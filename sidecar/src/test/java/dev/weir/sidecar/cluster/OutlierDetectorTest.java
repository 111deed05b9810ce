package dev.weir.sidecar.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestCluster;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hosts that are taken out, and how they come back; in the path of requests: OutlierTest. */
class OutlierDetectorTest {
  private static final String ACTIVE = "outlier_detection.ejections_active";

  private static TestCluster cluster(String outlier, int... ports) {
    return new TestCluster(
        "outlier_detection: {consecutive_5xx: 3, base_ejection_time: 30s, interval: 10s, %s}"
            .formatted(outlier),
        ports);
  }

  private static void fail(TestCluster cluster, int port, int times) {
    for (int i = 0; i < times; i++) {
      cluster.live().reportResponse(cluster.host(port), 500);
    }
  }

  @Test
  void successBetweenFailuresBeginsTheCountAnew() {
    try (TestCluster cluster = cluster("max_ejection_percent: 100", 1, 2)) {
      fail(cluster, 1, 2);
      cluster.live().reportResponse(cluster.host(1), 404);
      fail(cluster, 1, 2);
      assertFalse(cluster.host(1).ejected());
      fail(cluster, 1, 1);
      assertTrue(cluster.host(1).ejected());
      assertFalse(cluster.live().hosts().schedule(0).contains(cluster.host(1)));
    }
  }

  @Test
  void hostComesBackWhenItsTimeIsOverAndNotBefore() {
    try (TestCluster cluster = cluster("max_ejection_percent: 100", 1, 2)) {
      fail(cluster, 1, 3);
      cluster.sweep(Duration.ofSeconds(29));
      assertTrue(cluster.host(1).ejected());
      cluster.sweep(Duration.ofSeconds(31));
      assertFalse(cluster.host(1).ejected());
      assertTrue(cluster.live().hosts().schedule(0).contains(cluster.host(1)));
      assertEquals(0, cluster.stat(ACTIVE));
      assertEquals(1, cluster.stat("outlier_detection.ejections_enforced_total"));
    }
  }

  @Test
  void eachEjectionInARowLastsLonger() {
    try (TestCluster cluster = cluster("max_ejection_percent: 100", 1, 2)) {
      fail(cluster, 1, 3);
      cluster.sweep(Duration.ofSeconds(31));
      fail(cluster, 1, 3);
      cluster.sweep(Duration.ofSeconds(59));
      assertTrue(cluster.host(1).ejected());
      cluster.sweep(Duration.ofSeconds(61));
      assertFalse(cluster.host(1).ejected());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'max_ejection_percent: 50', 2",
    "'max_ejection_percent: 49', 1",
    "'max_ejection_percent: 100', 4",
    "'max_ejection_percent: 10', 0",
    "'max_ejection_percent: 10, always_eject_one_host: true', 1",
  })
  void noMoreThanTheConfiguredShareIsTakenOut(String share, int ejected) {
    try (TestCluster cluster = cluster(share, 1, 2, 3, 4)) {
      for (int port = 1; port <= 4; port++) {
        fail(cluster, port, 3);
      }
      assertEquals(ejected, cluster.stat(ACTIVE));
      assertEquals(4 - ejected, cluster.stat("membership_healthy"));
    }
  }

  @Test
  void ejectedHostThatIsRemovedIsNoLongerCountedAndComesBackClean() {
    try (TestCluster cluster = cluster("max_ejection_percent: 100", 1, 2)) {
      fail(cluster, 1, 3);
      Host before = cluster.host(1);
      cluster.endpoints(2);
      assertEquals(0, cluster.stat(ACTIVE));
      assertEquals(1, cluster.stat("membership_healthy"));
      for (int i = 0; i < 3; i++) {
        cluster.live().reportResponse(before, 500); // answers that were still on their way
      }
      cluster.sweep(Duration.ofSeconds(31));
      assertEquals(0, cluster.stat(ACTIVE));

      cluster.endpoints(1, 2);
      assertFalse(cluster.host(1).ejected());
      assertEquals(2, cluster.stat("membership_healthy"));
      fail(cluster, 1, 3);
      assertTrue(cluster.host(1).ejected(), "and may be taken out again");
      assertEquals(1, cluster.stat(ACTIVE));
    }
  }

  @Test
  void endpointsThatAreToldAgainKeepWhoIsOut() {
    try (TestCluster cluster = cluster("max_ejection_percent: 50", 1, 2)) {
      fail(cluster, 1, 3);
      cluster.endpoints(1, 2, 3);
      assertTrue(cluster.host(1).ejected());
      assertEquals(2, cluster.stat("membership_healthy"));
    }
  }

  @Test
  void hostsComeBackWhenTheDetectionIsTakenOutOfTheConfiguration() {
    try (TestCluster cluster = cluster("max_ejection_percent: 50", 1, 2)) {
      fail(cluster, 1, 3);
      cluster.configure("");
      assertFalse(cluster.host(1).ejected());
      assertEquals(0, cluster.stat(ACTIVE));
      assertEquals(2, cluster.stat("membership_healthy"));
    }
  }
}
