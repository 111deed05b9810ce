package dev.weir.sidecar.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.weir.sidecar.cluster.CircuitBreaker.State;
import dev.weir.sidecar.testkit.TestCluster;
import java.util.Objects;
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

  /** Asks {@code breakers} for the one in force, and fails it until it is open. */
  private static CircuitBreaker opened(Supplier<@Nullable CircuitBreaker> breakers) {
    CircuitBreaker breaker = Objects.requireNonNull(breakers.get());
    while (breaker.state() == State.CLOSED) {
      breaker.failure(breaker.acquire(0), 0);
    }
    return breaker;
  }

  @Test
  void changeOfOtherPartsKeepsTheStateAndItsNumbersMayChange() {
    try (TestCluster cluster = new TestCluster(breaker("consecutive_failures: 2"), 1)) {
      Supplier<@Nullable CircuitBreaker> service =
          () -> cluster.live().breakers().beforeHost(null, "r");
      CircuitBreaker open = opened(service);
      cluster.configure(breaker("consecutive_failures: 2") + "connect_timeout: 2s\n");
      cluster.endpoints(1, 2);
      cluster.configure(breaker("consecutive_failures: 9"));
      assertSame(open, service.get());
      assertEquals(State.OPEN, open.state());
      assertEquals(9, open.config().consecutiveFailures());
      assertEquals(1, cluster.stat(OPEN));
    }
  }

  @Test
  void policyThatIsRemovedLetsItsBreakerGo() {
    try (TestCluster cluster = new TestCluster(breaker("consecutive_failures: 2"), 1)) {
      Supplier<@Nullable CircuitBreaker> service =
          () -> cluster.live().breakers().beforeHost(null, "r");
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
      opened(() -> cluster.live().breakers().beforeHost(null, "a"));
      CircuitBreaker other = cluster.live().breakers().beforeHost(null, "b");
      assertNotNull(other);
      assertEquals(State.CLOSED, other.state(), "a route's breaker is its own");
      assertEquals(1, cluster.stat(OPEN));
      cluster.configure("");
      assertNull(cluster.live().breakers().beforeHost(null, "a"));
      assertEquals(0, cluster.stat(OPEN));

      cluster.configure(byRoute);
      CircuitBreaker fresh = cluster.live().breakers().beforeHost(null, "a");
      assertNotNull(fresh);
      assertEquals(State.CLOSED, fresh.state(), "it begins anew");
    }
  }

  @Test
  void breakersOfHostsGoWithTheirPolicyAndWithTheirHost() {
    String byHost = breaker("scope: ENDPOINT, consecutive_failures: 2");
    try (TestCluster cluster = new TestCluster(byHost, 1, 2)) {
      opened(() -> cluster.live().breakers().ofHost(cluster.host(1)));
      opened(() -> cluster.live().breakers().ofHost(cluster.host(2)));
      assertEquals(2, cluster.stat(OPEN));
      cluster.endpoints(2);
      assertEquals(1, cluster.stat(OPEN), "with its host");
      cluster.configure("");
      assertNull(cluster.live().breakers().ofHost(cluster.host(2)));
      assertEquals(0, cluster.stat(OPEN), "with its policy");

      cluster.configure(byHost);
      CircuitBreaker fresh = cluster.live().breakers().ofHost(cluster.host(2));
      assertNotNull(fresh);
      assertEquals(State.CLOSED, fresh.state(), "it begins anew");
    }
  }
}
