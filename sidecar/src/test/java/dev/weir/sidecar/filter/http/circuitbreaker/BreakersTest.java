package dev.weir.sidecar.filter.http.circuitbreaker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.weir.sidecar.filter.UpstreamSlot;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreaker.State;
import dev.weir.sidecar.testkit.TestCluster;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The breakers of a cluster while its configuration changes. */
class BreakersTest {
  private static final String OPEN = "weir_circuit_breaker.open";

  private static String breaker(String fields) {
    return """
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {http_protocol_options: {}}
        http_filters:
        - name: weir.filters.http.circuit_breaker
          typed_config: {"@type": type.googleapis.com/weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker, policy: shop/app, open_for: 5s, probes: 1, %s}
        - {name: codec, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec}}
    """
        .formatted(fields);
  }

  private static Optional<Breakers> breakers(TestCluster cluster) {
    return cluster.live().upstreamFilters().slots().stream()
        .map(UpstreamSlot::factory)
        .map(factory -> ((CircuitBreakerFactory) factory).breakers())
        .findFirst();
  }

  private static @Nullable CircuitBreaker ofRoute(TestCluster cluster, String route) {
    return breakers(cluster).map(own -> own.beforeHost(null, route)).orElse(null);
  }

  private static @Nullable CircuitBreaker ofHost(TestCluster cluster, int port) {
    return breakers(cluster).map(own -> own.ofHost(cluster.host(port))).orElse(null);
  }

  /** Asks {@code breakers} for the one in force, and fails it until it is open. */
  private static CircuitBreaker opened(Supplier<@Nullable CircuitBreaker> breakers) {
    CircuitBreaker breaker = Objects.requireNonNull(breakers.get());
    while (breaker.state() == State.CLOSED) {
      breaker.failure(breaker.acquire(0), 0, 0);
    }
    return breaker;
  }

  @Test
  void changeOfOtherPartsKeepsTheStateAndItsNumbersMayChange() {
    try (TestCluster cluster = new TestCluster(breaker("consecutive_failures: 2"), 1)) {
      Supplier<@Nullable CircuitBreaker> service = () -> ofRoute(cluster, "r");
      CircuitBreaker open = opened(service);
      cluster.configure(breaker("consecutive_failures: 2") + "connect_timeout: 2s\n");
      cluster.endpoints(1, 2);
      cluster.configure(breaker("consecutive_failures: 9"));
      assertSame(open, service.get());
      assertEquals(State.OPEN, open.state());
      assertEquals(new CircuitBreakerConfig.ConsecutiveFailures(9), open.config().trip());
      assertEquals(1, cluster.stat(OPEN));
    }
  }

  @Test
  void policyThatIsRemovedLetsItsBreakerGo() {
    try (TestCluster cluster = new TestCluster(breaker("consecutive_failures: 2"), 1)) {
      Supplier<@Nullable CircuitBreaker> service = () -> ofRoute(cluster, "r");
      opened(service);
      cluster.configure("");
      assertNull(service.get());
      assertEquals(0, cluster.stat(OPEN));

      cluster.configure(breaker("consecutive_failures: 2"));
      CircuitBreaker fresh = service.get();
      assertNotNull(fresh);
      assertEquals(State.CLOSED, fresh.state(), "it begins anew");
    }
  }

  @Test
  void breakersOfRoutesGoWithTheirPolicy() {
    String byRoute = breaker("scope: ROUTE, consecutive_failures: 2");
    try (TestCluster cluster = new TestCluster(byRoute, 1)) {
      opened(() -> ofRoute(cluster, "a"));
      CircuitBreaker other = ofRoute(cluster, "b");
      assertNotNull(other);
      assertEquals(State.CLOSED, other.state(), "a route's breaker is its own");
      assertEquals(1, cluster.stat(OPEN));
      cluster.configure("");
      assertNull(ofRoute(cluster, "a"));
      assertEquals(0, cluster.stat(OPEN));

      cluster.configure(byRoute);
      CircuitBreaker fresh = ofRoute(cluster, "a");
      assertNotNull(fresh);
      assertEquals(State.CLOSED, fresh.state(), "it begins anew");
    }
  }

  @Test
  void breakersOfHostsGoWithTheirPolicyAndWithTheirHost() {
    String byHost = breaker("scope: ENDPOINT, consecutive_failures: 2");
    try (TestCluster cluster = new TestCluster(byHost, 1, 2)) {
      opened(() -> ofHost(cluster, 1));
      opened(() -> ofHost(cluster, 2));
      assertEquals(2, cluster.stat(OPEN));
      cluster.endpoints(2);
      assertEquals(1, cluster.stat(OPEN), "with its host");
      cluster.configure("");
      assertNull(ofHost(cluster, 2));
      assertEquals(0, cluster.stat(OPEN), "with its policy");

      cluster.configure(byHost);
      CircuitBreaker fresh = ofHost(cluster, 2);
      assertNotNull(fresh);
      assertEquals(State.CLOSED, fresh.state(), "it begins anew");
    }
  }
}
