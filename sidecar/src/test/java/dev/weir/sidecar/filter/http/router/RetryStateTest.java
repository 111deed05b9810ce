package dev.weir.sidecar.filter.http.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.protos.yaml.YamlReader;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.filter.http.router.RetryState.Admission;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.CompiledRetry;
import dev.weir.sidecar.route.RouteTable;
import dev.weir.sidecar.testkit.TestCluster;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How many attempts a request may have, and where; over sockets: RetryTest. */
class RetryStateTest {
  private static CompiledRetry policy(String yaml) {
    String table =
        ("{name: t, virtual_hosts: [{name: v, domains: [\"*\"], routes: [{match: {prefix: /},"
                + " route: {cluster: app, retry_policy: {retry_on: 5xx, %s}}}]}]}")
            .formatted(yaml);
    return Objects.requireNonNull(
            new RouteTable(
                    dev.weir.sidecar.testkit.Resources.routes(
                        YamlReader.read("table", table).documents().getFirst()),
                    List.of(),
                    (index, config) -> config)
                .match(Headers.request("GET", "app", "/")))
        .retry()
        .orElseThrow();
  }

  private static RetryState state(TestCluster cluster, CompiledRetry policy) {
    return new RetryState(
        policy, cluster.live(), resources(cluster), cluster.slab(), cluster.loop());
  }

  private static Resources resources(TestCluster cluster) {
    return cluster.live().resources(Priority.DEFAULT);
  }

  @Test
  void policysNumberIsTheMost() {
    try (TestCluster cluster = new TestCluster("", 1)) {
      RetryState state = state(cluster, policy("num_retries: 2"));
      assertEquals(Admission.YES, state.admit(false));
      assertEquals(Admission.YES, state.admit(false));
      assertEquals(Admission.LIMIT, state.admit(false));
      assertEquals(2, cluster.stat("upstream_rq_retry"));
      assertEquals(1, cluster.stat("upstream_rq_retry_limit_exceeded"));
    }
  }

  @Test
  void requestThatNobodyHasSeenIsTriedElsewhereForNothing() {
    try (TestCluster cluster = new TestCluster("", 1, 2, 3, 4, 5, 6, 7, 8)) {
      RetryState state = state(cluster, policy("num_retries: 1"));
      Set<Host> tried = new HashSet<>();
      tried.add(state.choose(host -> false));
      for (int i = 0; i < 5; i++) {
        assertEquals(Admission.ELSEWHERE, state.admit(true));
        assertTrue(tried.add(state.choose(host -> false)), "each time another");
      }
      assertEquals(Admission.YES, state.admit(true));
      assertEquals(Admission.LIMIT, state.admit(true));
      assertEquals(6, cluster.stat("upstream_rq_retry"));
    }
  }

  @Test
  void whereThereIsNoOtherHostThePolicyCounts() {
    try (TestCluster cluster = new TestCluster("", 1, 2)) {
      RetryState state = state(cluster, policy("num_retries: 1"));
      assertTrue(state.otherHost());
      state.choose(host -> false);
      assertEquals(Admission.ELSEWHERE, state.admit(true));
      state.choose(host -> false);
      assertFalse(state.otherHost());
      assertEquals(Admission.YES, state.admit(true));
    }
  }

  @Test
  void policyWithoutARetryAsksForNoOtherHost() {
    try (TestCluster cluster = new TestCluster("", 1, 2)) {
      assertFalse(state(cluster, policy("num_retries: 0")).otherHost());
    }
  }

  @Test
  void otherHostIsOneThatWasNotTriedAndIsFit() {
    try (TestCluster cluster = new TestCluster("", 1, 2, 3)) {
      RetryState state = state(cluster, policy("num_retries: 1"));
      state.tried(cluster.host(1));
      for (int i = 0; i < 20; i++) {
        assertEquals(cluster.host(3), state.chooseOther(cluster.host(2)::equals));
      }
      assertNull(state.chooseOther(host -> true));
      state.tried(cluster.host(2));
      state.tried(cluster.host(3));
      assertNull(state.chooseOther(host -> false));
    }
  }

  @Test
  void triedHostIsTakenAgainUnlessThePolicyAvoidsIt() {
    String avoid =
        "num_retries: 1, host_selection_retry_max_attempts: 3, retry_host_predicate:"
            + " [{name: envoy.retry_host_predicates.previous_hosts, typed_config: {\"@type\":"
            + " type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}}]";
    try (TestCluster cluster = new TestCluster("", 1, 2)) {
      RetryState state = state(cluster, policy(avoid));
      Host first = state.choose(host -> false);
      assertTrue(first != state.choose(host -> false));
      for (int i = 0; i < 4; i++) {
        RetryState avoiding = state(cluster, policy(avoid));
        avoiding.tried(cluster.host(1));
        assertEquals(cluster.host(2), avoiding.choose(host -> false));
      }
      RetryState any = state(cluster, policy("num_retries: 1"));
      for (int i = 0; i < 2; i++) {
        assertEquals(cluster.host(1), any.choose(cluster.host(2)::equals));
      }
    }
  }

  /** Whichever host is next in turn. */
  @Test
  void hostThatWasTriedIsAvoidedWhereAnotherIsAskedFor() {
    try (TestCluster cluster = new TestCluster("", 1, 2)) {
      Set<Host> anyHost = new HashSet<>();
      for (int i = 0; i < 4; i++) {
        RetryState any = state(cluster, policy("num_retries: 1"));
        any.tried(cluster.host(1));
        anyHost.add(any.choose(host -> false));
      }
      assertEquals(Set.of(cluster.host(1), cluster.host(2)), anyHost);
      for (int i = 0; i < 4; i++) {
        RetryState other = state(cluster, policy("num_retries: 1"));
        other.tried(cluster.host(1));
        assertTrue(other.otherHost());
        assertEquals(cluster.host(2), other.choose(host -> false));
      }
      for (int i = 0; i < 4; i++) {
        RetryState elsewhere = state(cluster, policy("num_retries: 1"));
        elsewhere.tried(cluster.host(1));
        assertEquals(Admission.ELSEWHERE, elsewhere.admit(true));
        assertEquals(cluster.host(2), elsewhere.choose(host -> false));
      }
    }
  }

  @Test
  void retryHasAPlaceAmongTheClustersUntilItsAttemptTakesItOver() {
    try (TestCluster cluster =
        new TestCluster("circuit_breakers: {thresholds: [{max_retries: 1}]}", 1)) {
      RetryState state = state(cluster, policy("num_retries: 5"));
      assertFalse(state.takePlace());
      assertEquals(Admission.YES, state.admit(false));
      assertEquals(1, resources(cluster).retries());
      assertEquals(Admission.PLACES, state(cluster, policy("num_retries: 5")).admit(false));
      assertEquals(1, cluster.stat("upstream_rq_retry_overflow"));
      assertTrue(state.takePlace());
      assertFalse(state.takePlace());
      state.end();
      assertEquals(1, resources(cluster).retries(), "the attempt's now");
      resources(cluster).endRetry();
      assertEquals(Admission.YES, state.admit(false));
      state.end();
      assertEquals(0, resources(cluster).retries());
      state.end();
      assertEquals(0, resources(cluster).retries());
    }
  }

  @Test
  void tokensPayForRetries() {
    try (TestCluster cluster =
        new TestCluster(
            "typed_extension_protocol_options: {weir.upstreams.resilience: {\"@type\":"
                + " type.googleapis.com/weir.extensions.upstreams.v1alpha1.ResilienceOptions,"
                + " retry_budget: {share: 0.2, over: 10s}}}",
            1)) {
      RetryState state = state(cluster, policy("num_retries: 5"));
      assertNotNull(cluster.live().retryTokens());
      assertEquals(Admission.YES, state.admit(false), "there is one to begin with");
      assertTrue(state.takePlace());
      assertEquals(Admission.BUDGET, state.admit(false));
      assertEquals(1, resources(cluster).retries(), "what was not paid for has no place");
    }
  }

  @Test
  void pauseGrowsToItsMaximum() {
    CompiledRetry policy =
        policy("num_retries: 20, retry_back_off: {base_interval: 1s, max_interval: 1000s}");
    SplittableRandom random = new SplittableRandom(7);
    long longest = 0;
    for (int i = 0; i < 200; i++) {
      longest = Math.max(longest, policy.backOffNanos(20, random));
    }
    assertTrue(longest > 900_000_000_000L && longest <= 1_000_000_000_000L, longest + " ns");
  }

  @Test
  void pauseGrowsWithTheRetries() {
    try (TestCluster cluster = new TestCluster("", 1)) {
      CompiledRetry policy =
          policy("num_retries: 5, retry_back_off: {base_interval: 1s, max_interval: 100s}");
      RetryState state = state(cluster, policy);
      for (int number = 1; number <= 3; number++) {
        assertEquals(Admission.YES, state.admit(false));
        assertTrue(state.takePlace());
        resources(cluster).endRetry();
        assertEquals(
            policy.backOffNanos(number, new SplittableRandom(7)),
            state.backOffNanos(new SplittableRandom(7)));
      }
    }
  }
}
