package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.protos.honoured.FieldPolicy;
import dev.weir.sidecar.bootstrap.BootstrapLoader;
import dev.weir.sidecar.snapshot.CompileCheck;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The breaker in the path of requests; its states by themselves are CircuitBreakerTest's. */
@Tag("slow")
class BreakerProxyTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void opensRefusesProbesAndCloses(int loops) throws Exception {
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, ""));
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .breaker("consecutive_failures: 3, open_for: 2s, probes: 2")
                .start(loops)) {
      for (int i = 0; i < 3; i++) {
        assertEquals(500, once(sidecar).status());
      }
      RawClient.Response refused = once(sidecar);
      assertEquals(503, refused.status());
      assertTrue(
          refused.field("x-weir-cause").startsWith("breaker-open;policy=\"shop/app\""),
          refused.head());
      assertEquals(3, upstream.all().size());
      assertEquals(1, sidecar.stat("cluster.app.weir_circuit_breaker.open"));
      upstream.script((request, out) -> TestUpstream.reply(out, 200, "ok"));
      Await.until(() -> quiet(sidecar).status() == 200);
      Await.until(() -> quiet(sidecar).status() == 200);
      Await.until(() -> sidecar.stat("cluster.app.weir_circuit_breaker.open") == 0);
    }
  }

  @Test
  void failuresFurtherApartThanTheIntervalDoNotOpenIt() throws Exception {
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> {
              long until = System.nanoTime() + 20_000_000;
              while (System.nanoTime() < until) {
                Thread.onSpinWait();
              }
              return TestUpstream.reply(out, 500, "");
            });
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .breaker("consecutive_failures: 2, open_for: 60s, interval: 0.01s")
                .start()) {
      for (int i = 0; i < 5; i++) {
        assertEquals(500, once(sidecar).status());
      }
      assertEquals(0, sidecar.stat("cluster.app.weir_circuit_breaker.open"));
    }
  }

  @Test
  void oneProbeOfSeveralThatFailsOpensItAgain() throws Exception {
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, ""));
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .breaker("consecutive_failures: 3, open_for: 1s, probes: 2")
                .start()) {
      for (int i = 0; i < 3; i++) {
        assertEquals(500, once(sidecar).status());
      }
      upstream.script((request, out) -> TestUpstream.reply(out, 200, "ok"));
      Await.until(() -> quiet(sidecar).status() == 200);
      upstream.script((request, out) -> TestUpstream.reply(out, 500, ""));
      assertEquals(500, once(sidecar).status());
      assertEquals(503, once(sidecar).status());
    }
  }

  @Test
  void shadowCountsAndRefusesNothing() throws Exception {
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, ""));
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .breaker("consecutive_failures: 2, open_for: 60s, shadow: true")
                .start()) {
      for (int i = 0; i < 5; i++) {
        assertEquals(500, once(sidecar).status());
      }
      assertEquals(3, sidecar.stat("cluster.app.weir_circuit_breaker.shadow_refused"));
    }
  }

  @Test
  void breakerOfAHostTakesOnlyThatHostOut() throws Exception {
    try (TestUpstream bad = TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, ""));
        TestUpstream good = TestUpstream.replying("good");
        TestSidecar sidecar =
            TestConfig.to(bad, bad, bad, bad, bad, good)
                .breaker("scope: ENDPOINT, consecutive_failures: 1, open_for: 60s")
                .start()) {
      // The same address five times is one host each time: five to open, one to stay.
      for (int i = 0; i < 40; i++) {
        once(sidecar);
      }
      for (int i = 0; i < 20; i++) {
        assertEquals("good", once(sidecar).body());
      }
    }
  }

  @Test
  void theClustersPageSaysHowTheBreakersOfServiceAndHostsAre() throws Exception {
    try (TestUpstream upstream =
        TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, ""))) {
      String opened = "circuit_breaker::open for \\d+ ms, after .+";
      try (TestSidecar sidecar =
          TestConfig.to(upstream).breaker("consecutive_failures: 2, open_for: 60s").start()) {
        assertTrue(
            clustersPage(sidecar)
                .anyMatch(line -> line.matches("app::circuit_breaker::closed, .+")));
        once(sidecar);
        once(sidecar);
        assertTrue(clustersPage(sidecar).anyMatch(line -> line.matches("app::" + opened)));
      }
      try (TestSidecar sidecar =
          TestConfig.to(upstream)
              .breaker("scope: ENDPOINT, consecutive_failures: 1, open_for: 60s")
              .start()) {
        once(sidecar);
        String host = "app::127.0.0.1:" + upstream.port() + "::";
        assertTrue(clustersPage(sidecar).anyMatch(line -> line.matches(host + opened)));
      }
    }
  }

  private static Stream<String> clustersPage(TestSidecar sidecar) throws Exception {
    try (RawClient admin = new RawClient(sidecar.adminPort())) {
      return admin.get("/clusters").body().lines();
    }
  }

  private static RawClient.Response once(TestSidecar sidecar) throws Exception {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.get("/");
    }
  }

  private static RawClient.Response quiet(TestSidecar sidecar) {
    try {
      return once(sidecar);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** No filter of the listener has that name: it would be passed over. */
  @Test
  void whatARouteSaysUnderTheBreakersNameMustBeABreaker() {
    String yaml =
        TestConfig.to(1)
            .breaker("consecutive_failures: 3, open_for: 60s")
            .yaml()
            .replace(
                "- name: app\n              domains",
                "- name: app\n              typed_per_filter_config: {weir.filters.http.circuit_breaker: {\"@type\": type.googleapis.com/weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit}}\n              domains");
    String refusal =
        new BootstrapLoader(FieldPolicy.REJECT, new CompileCheck())
            .read("test.yaml", yaml)
            .toString();
    assertTrue(
        refusal.contains(
            "route_config.virtual_hosts[0].routes[0].typed_per_filter_config[\"weir.filters.http.circuit_breaker\"]: is a RateLimitConfig, but the filter of that name of the cluster \"app\" has a CircuitBreakerConfig"),
        refusal);
  }
}
