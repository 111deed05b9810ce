package dev.weir.sidecar.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.http.CalledService;
import dev.weir.sidecar.http.Destination;
import dev.weir.sidecar.testkit.TestCluster;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a change of configuration leaves as it was, and who is chosen where somebody is avoided. */
class LiveClusterTest {
  private static boolean nobody(Host host) {
    return false;
  }

  private static Set<Integer> chosen(
      TestCluster cluster, Predicate<Host> unfit, Predicate<Host> unwanted, int attempts) {
    Set<Integer> ports = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      ports.add(port(cluster.choose(unfit, unwanted, attempts)));
    }
    return ports;
  }

  private static int port(Host host) {
    String text = host.toString();
    return Integer.parseInt(text.substring(text.lastIndexOf(':') + 1));
  }

  private static Predicate<Host> at(Integer... ports) {
    return host -> List.of(ports).contains(port(host));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5})
  void unfitHostIsChosenOnlyWhereThereIsNoOther(int attempts) {
    try (TestCluster cluster = new TestCluster("", 1, 2, 3)) {
      assertEquals(
          Set.of(1, 2, 3),
          chosen(cluster, LiveClusterTest::nobody, LiveClusterTest::nobody, attempts));
      assertEquals(Set.of(2, 3), chosen(cluster, at(1), LiveClusterTest::nobody, attempts));
      assertEquals(Set.of(3), chosen(cluster, at(1), at(2), attempts));
      assertEquals(Set.of(2), chosen(cluster, at(1, 3), at(2), attempts));
      assertFalse(chosen(cluster, at(1, 2, 3), LiveClusterTest::nobody, attempts).isEmpty());
    }
  }

  private static Destination called(int port, String cluster) {
    return new Destination(
        new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port),
        true,
        new CalledService(
            new InetSocketAddress(InetAddress.ofLiteral("240.240.0.7"), 80), List.of(cluster)));
  }

  /** For who calls an instance itself no other one will do, when it is gone neither. */
  @Test
  void hostThatWasCalledItselfIsTheOneOrNone() {
    try (TestCluster cluster = new TestCluster("", 1, 2)) {
      LiveCluster live = cluster.live();
      for (int i = 0; i < 8; i++) {
        assertSame(
            cluster.host(2),
            live.chooseFor(called(2, live.name()), cluster.loop(), cluster.slab()));
      }
      assertNull(live.chooseFor(called(3, live.name()), cluster.loop(), cluster.slab()));
      assertNotNull(live.chooseFor(called(3, "other"), cluster.loop(), cluster.slab()));
    }
  }

  @Test
  void ofNobodyNobodyIsChosen() {
    try (TestCluster cluster = new TestCluster("")) {
      assertNull(
          cluster
              .live()
              .choose(
                  cluster.loop(),
                  cluster.slab(),
                  LiveClusterTest::nobody,
                  LiveClusterTest::nobody,
                  3));
    }
  }

  @Test
  void limitsAreTakenOverAndWhatIsInUseStaysCounted() {
    try (TestCluster cluster =
        new TestCluster("circuit_breakers: {thresholds: [{max_requests: 1}]}", 1)) {
      Resources resources = cluster.live().resources(Priority.DEFAULT);
      assertTrue(resources.beginRequest());
      assertFalse(resources.beginRequest());
      cluster.configure(
          "circuit_breakers: {thresholds: [{max_requests: 2}, {priority: HIGH, max_requests: 7}]}");
      assertSame(resources, cluster.live().resources(Priority.DEFAULT));
      assertTrue(resources.beginRequest());
      assertFalse(resources.beginRequest());
      assertEquals(7, cluster.live().resources(Priority.HIGH).thresholds().maxRequests());
    }
  }

  @Test
  void hostsStayWhereTheirConnectionsCan() {
    try (TestCluster cluster = new TestCluster("", 1, 2)) {
      Host before = cluster.host(1);
      cluster.configure(
          "lb_policy: LEAST_REQUEST\ncommon_lb_config: {healthy_panic_threshold: {value: 10}}");
      assertSame(before, cluster.host(1));
      assertFalse(before.removed());
      cluster.configure("per_connection_buffer_limit_bytes: 4096");
      assertNotSame(before, cluster.host(1));
      assertTrue(before.removed());
      assertEquals(List.of("127.0.0.1:1", "127.0.0.1:2"), cluster.gone());
      assertEquals(2, cluster.stat("membership_total"));
    }
  }

  @Test
  void hostsAreNewWhereTheProtocolIsAnother() {
    try (TestCluster cluster = new TestCluster("", 1)) {
      Host before = cluster.host(1);
      cluster.configure(
          """
          typed_extension_protocol_options:
            envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
              "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
              explicit_http_config: {http2_protocol_options: {}}
          """);
      assertNotSame(before, cluster.host(1));
    }
  }

  @Test
  void panicThresholdThatChangesHoldsAtOnce() {
    String outlier = "outlier_detection: {consecutive_5xx: 1, max_ejection_percent: 100}\n";
    String threshold = "common_lb_config: {healthy_panic_threshold: {value: %d}}";
    try (TestCluster cluster = new TestCluster(outlier + threshold.formatted(10), 1, 2, 3, 4)) {
      for (int port = 1; port <= 3; port++) {
        cluster.live().reportResponse(cluster.host(port), 500);
      }
      assertFalse(cluster.live().hosts().panic());
      assertEquals(Set.of(4), chosen(cluster, LiveClusterTest::nobody, LiveClusterTest::nobody, 0));
      assertEquals(0, cluster.stat("lb_healthy_panic"));
      cluster.configure(outlier + threshold.formatted(50));
      assertTrue(cluster.live().hosts().panic());
      assertEquals(
          Set.of(1, 2, 3, 4), chosen(cluster, LiveClusterTest::nobody, LiveClusterTest::nobody, 0));
      assertEquals(50, cluster.stat("lb_healthy_panic"));
    }
  }

  @Test
  void detectionOutlastsAChangeOfSomethingElse() {
    try (TestCluster cluster = new TestCluster("", 1)) {
      assertNull(cluster.live().outlierDetector());
      cluster.configure("outlier_detection: {consecutive_5xx: 2}");
      OutlierDetector detector = cluster.live().outlierDetector();
      assertNotNull(detector);
      cluster.configure("outlier_detection: {consecutive_5xx: 2}\nconnect_timeout: 7s");
      assertSame(detector, cluster.live().outlierDetector());
      cluster.configure("outlier_detection: {consecutive_5xx: 3}\nconnect_timeout: 7s");
      assertNotSame(detector, cluster.live().outlierDetector());
    }
  }

  @Test
  void hostThatCouldNotBeConnectedToIsAvoidedUntilItCan() {
    try (TestCluster cluster = new TestCluster("", 1)) {
      Host host = cluster.host(1);
      cluster.live().reportConnect(host, false);
      assertTrue(host.unreachableAt(System.nanoTime()));
      cluster.live().reportConnect(host, true);
      assertFalse(host.unreachableAt(System.nanoTime()));
    }
  }

  @Test
  void relayedConnectionCountsAsAnAnswer() {
    try (TestCluster cluster =
        new TestCluster("outlier_detection: {consecutive_5xx: 2, max_ejection_percent: 100}", 1)) {
      Host host = cluster.host(1);
      cluster.live().reportFailure(host);
      cluster.live().reportConnect(host, false);
      cluster.live().reportRelay(host);
      assertFalse(host.unreachableAt(System.nanoTime()));
      cluster.live().reportFailure(host);
      assertFalse(host.ejected());
      cluster.live().reportFailure(host);
      assertTrue(host.ejected());
    }
  }

  @Test
  void endpointsAreCountedAsTheyComeAndGo() {
    try (TestCluster cluster = new TestCluster("")) {
      assertEquals(0, cluster.stat("membership_total"));
      cluster.endpoints(1, 2, 3);
      assertTrue(cluster.live().warm());
      Host kept = cluster.host(3);
      Host gone = cluster.host(1);
      cluster.endpoints(3, 4);
      assertSame(kept, cluster.host(3));
      assertFalse(kept.removed());
      assertTrue(gone.removed());
      assertEquals(2, cluster.stat("membership_total"));
      assertEquals(2, cluster.stat("membership_healthy"));
      assertEquals(List.of("127.0.0.1:1", "127.0.0.1:2"), cluster.gone());
    }
  }

  @Test
  void policyThatChangesHoldsAtOnce() {
    try (TestCluster cluster = new TestCluster("lb_policy: RANDOM", 1, 2)) {
      cluster.configure("lb_policy: ROUND_ROBIN");
      Host last = cluster.choose(LiveClusterTest::nobody, LiveClusterTest::nobody, 0);
      for (int i = 0; i < 50; i++) {
        Host next = cluster.choose(LiveClusterTest::nobody, LiveClusterTest::nobody, 0);
        assertNotSame(last, next);
        last = next;
      }
    }
  }

  @Test
  void whatIsSavedForRetriesOutlastsAChangeOfSomethingElse() {
    String budget =
        """
        typed_extension_protocol_options:
          weir.upstreams.resilience:
            "@type": type.googleapis.com/weir.extensions.upstreams.v1alpha1.ResilienceOptions
            retry_budget: {share: %s, over: 10s}
        """;
    try (TestCluster cluster = new TestCluster("", 1)) {
      assertNull(cluster.live().retryTokens());
      cluster.configure(budget.formatted("0.2"));
      RetryTokens tokens = cluster.live().retryTokens();
      assertNotNull(tokens);
      cluster.configure(budget.formatted("0.2") + "connect_timeout: 7s");
      assertSame(tokens, cluster.live().retryTokens());
      cluster.configure(budget.formatted("0.3") + "connect_timeout: 7s");
      assertNotSame(tokens, cluster.live().retryTokens());
      cluster.configure("");
      assertNull(cluster.live().retryTokens());
    }
  }

  @Test
  void oneHostThatIsAnotherAddressIsAnotherHost() {
    try (TestCluster cluster = new TestCluster("", 1)) {
      Host before = cluster.host(1);
      cluster.endpoints(2);
      assertTrue(before.removed());
      assertNotSame(before, cluster.host(2));
    }
  }

  private static String host(int port, String more) {
    return "{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}, %s}"
        .formatted(port, more);
  }

  @Test
  void weightThatChangesHoldsAtOnceAndTheHostStays() {
    try (TestCluster cluster = new TestCluster("lb_policy: ROUND_ROBIN", 1, 2)) {
      Host kept = cluster.host(1);
      cluster.assignment(
          "endpoints: [{lb_endpoints: [%s, %s]}]"
              .formatted(host(1, "load_balancing_weight: 3"), host(2, "load_balancing_weight: 1")));
      assertSame(kept, cluster.host(1));
      assertEquals(3, cluster.live().hosts().schedule(0).stream().filter(kept::equals).count());
      assertEquals(4, cluster.live().hosts().schedule(0).size());
    }
  }

  @ParameterizedTest(name = "{0} %: {1} shares")
  @CsvSource({"100, 2, 50", "140, 2, 70", "200, 1, 100"})
  void overprovisioningIsWhatTheAssignmentSays(int factor, int shares, int first) {
    try (TestCluster cluster = new TestCluster("", 1)) {
      cluster.assignment(
          "policy: {overprovisioning_factor: %d}\nendpoints: [{lb_endpoints: [%s, %s]}, {priority: 1, lb_endpoints: [%s]}]"
              .formatted(factor, host(1, ""), host(2, "health_status: UNHEALTHY"), host(3, "")));
      HostSet hosts = cluster.live().hosts();
      assertEquals(shares, hosts.shares());
      SplittableRandom random = new SplittableRandom(1);
      int toFirst = 0;
      for (int i = 0; i < 10_000; i++) {
        toFirst += hosts.share(random) == 0 ? 1 : 0;
      }
      assertEquals(first, toFirst / 100.0, 2);
    }
  }
}
