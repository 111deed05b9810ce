package dev.weir.sidecar.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestCluster;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
      assertEquals(1, cluster.stat("outlier_detection.ejections_enforced_total"));
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

  private static void answer(TestCluster cluster, int... statuses) {
    for (int status : statuses) {
      cluster.live().reportResponse(cluster.host(1), status);
    }
  }

  private static TestCluster gateway() {
    return new TestCluster(
        "outlier_detection: {consecutive_5xx: 100, consecutive_gateway_failure: 3,"
            + " enforcing_consecutive_gateway_failure: 100, max_ejection_percent: 100}",
        1,
        2);
  }

  @Test
  void gatewayFailuresHaveACountOfTheirOwn() {
    try (TestCluster cluster = gateway()) {
      answer(cluster, 502, 503);
      assertFalse(cluster.host(1).ejected());
      answer(cluster, 504);
      assertTrue(cluster.host(1).ejected());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 499, 500, 501, 505})
  void answerThatIsNoGatewaysBeginsTheirCountAnew(int status) {
    try (TestCluster cluster = gateway()) {
      answer(cluster, 503, 503, status, 503, 503);
      assertFalse(cluster.host(1).ejected());
      answer(cluster, 503);
      assertTrue(cluster.host(1).ejected());
    }
  }

  @Test
  void attemptWithoutAnAnswerCountsAsAGatewaysFailure() {
    try (TestCluster cluster = gateway()) {
      answer(cluster, 503, 503);
      cluster.live().reportFailure(cluster.host(1));
      assertTrue(cluster.host(1).ejected());
    }
    try (TestCluster cluster = cluster("max_ejection_percent: 100", 1, 2)) {
      answer(cluster, 500, 500);
      cluster.live().reportFailure(cluster.host(1));
      assertTrue(cluster.host(1).ejected());
    }
  }

  @Test
  void failuresOfOurOwnAreCountedApartWhereTheyAreToBe() {
    try (TestCluster cluster =
        cluster(
            "split_external_local_origin_errors: true, consecutive_local_origin_failure: 2,"
                + " max_ejection_percent: 100",
            1,
            2)) {
      answer(cluster, 500, 500);
      cluster.live().reportFailure(cluster.host(1));
      assertFalse(cluster.host(1).ejected());
      answer(cluster, 200);
      cluster.live().reportFailure(cluster.host(1));
      assertFalse(cluster.host(1).ejected(), "an answer was between them");
      cluster.live().reportFailure(cluster.host(1));
      assertTrue(cluster.host(1).ejected());
    }
  }

  @Test
  void detectionThatIsNotEnforcedTakesNobodyOut() {
    try (TestCluster cluster =
        cluster("enforcing_consecutive_5xx: 0, max_ejection_percent: 100", 1, 2)) {
      fail(cluster, 1, 30);
      assertFalse(cluster.host(1).ejected());
    }
    try (TestCluster cluster =
        cluster(
            "split_external_local_origin_errors: true, consecutive_local_origin_failure: 2,"
                + " enforcing_consecutive_local_origin_failure: 0, max_ejection_percent: 100",
            1,
            2)) {
      for (int i = 0; i < 30; i++) {
        cluster.live().reportFailure(cluster.host(1));
      }
      assertFalse(cluster.host(1).ejected());
    }
  }

  @Test
  void timeOfAnEjectionHasABound() {
    try (TestCluster cluster = cluster("max_ejection_percent: 100, max_ejection_time: 45s", 1, 2)) {
      fail(cluster, 1, 3);
      cluster.sweep(Duration.ofSeconds(31));
      fail(cluster, 1, 3);
      cluster.sweep(Duration.ofSeconds(44));
      assertTrue(cluster.host(1).ejected());
      cluster.sweep(Duration.ofSeconds(46));
      assertFalse(cluster.host(1).ejected());
    }
  }

  @Test
  void calmIntervalTakesOneEjectionOffTheAccount() {
    try (TestCluster cluster = cluster("max_ejection_percent: 100", 1, 2)) {
      fail(cluster, 1, 3);
      cluster.sweep(Duration.ofSeconds(31));
      cluster.sweep(Duration.ofSeconds(42));
      fail(cluster, 1, 3);
      cluster.sweep(Duration.ofSeconds(31));
      assertFalse(cluster.host(1).ejected(), "its second ejection lasted as long as the first");
    }
  }

  @Test
  void shorterCalmTakesNothingOffTheAccount() {
    try (TestCluster cluster = cluster("max_ejection_percent: 100", 1, 2)) {
      fail(cluster, 1, 3);
      cluster.sweep(Duration.ofSeconds(31));
      cluster.sweep(Duration.ofSeconds(40));
      fail(cluster, 1, 3);
      cluster.sweep(Duration.ofSeconds(31));
      assertTrue(cluster.host(1).ejected());
    }
  }

  @Test
  void hostComesBackWithoutItsOldFailures() {
    try (TestCluster cluster =
        cluster(
            "consecutive_gateway_failure: 5, enforcing_consecutive_gateway_failure: 100,"
                + " split_external_local_origin_errors: true, consecutive_local_origin_failure: 2,"
                + " max_ejection_percent: 100",
            1,
            2)) {
      answer(cluster, 503, 503, 503);
      assertTrue(cluster.host(1).ejected());
      answer(cluster, 503, 503);
      cluster.live().reportFailure(cluster.host(1));
      cluster.sweep(Duration.ofSeconds(31));
      cluster.live().reportFailure(cluster.host(1));
      answer(cluster, 503, 503);
      assertFalse(cluster.host(1).ejected());
    }
  }

  @Test
  void hostThatCouldNotBeTakenOutMayBeLater() {
    try (TestCluster cluster = cluster("max_ejection_percent: 50", 1, 2)) {
      fail(cluster, 1, 3);
      fail(cluster, 2, 3);
      assertFalse(cluster.host(2).ejected());
      cluster.sweep(Duration.ofSeconds(31));
      fail(cluster, 2, 2);
      assertFalse(cluster.host(2).ejected());
      fail(cluster, 2, 1);
      assertTrue(cluster.host(2).ejected());
    }
  }

  /** Who is ejected where half of them are to be. */
  private static List<Integer> ejected() {
    int[] ports = IntStream.rangeClosed(1, 20).toArray();
    String half = "max_ejection_percent: 100, enforcing_consecutive_5xx: 50";
    try (TestCluster cluster = cluster(half, ports)) {
      IntStream.of(ports).forEach(port -> fail(cluster, port, 3));
      return IntStream.of(ports).filter(port -> cluster.host(port).ejected()).boxed().toList();
    }
  }

  @Test
  void aShareOfEjectionsIsByAChanceThatIsHandedIn() {
    List<Integer> some = ejected();
    assertTrue(some.size() > 2 && some.size() < 18, some.toString());
    assertEquals(some, ejected());
  }
}
