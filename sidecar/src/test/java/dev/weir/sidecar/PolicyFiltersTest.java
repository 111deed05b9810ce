package dev.weir.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Limits, breaker, retries, timeouts and traces through the whole sidecar, on real sockets. */
class PolicyFiltersTest {
  private static final String LIMITS =
      """
      typed_per_filter_config:
        weir.filters.http.rate_limit:
          "@type": type.googleapis.com/weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit
          limits:
      """;
  private static final String LIMIT_FILTER =
      """
      - name: weir.filters.http.rate_limit
        typed_config: {"@type": type.googleapis.com/weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit}
      """;

  private TestUpstream upstream;

  @BeforeEach
  void start() throws IOException {
    upstream = TestUpstream.replying("hello");
  }

  @AfterEach
  void stop() throws IOException {
    upstream.close();
  }

  private TestSidecar sidecar(String route, String filters, String cluster) {
    return TestSidecar.start(TestSidecar.yaml(upstream.port(), "", route, filters, cluster), 1);
  }

  private static TestSidecar limited(TestUpstream upstream, String limits) {
    String yaml = TestSidecar.yaml(upstream.port(), "", "", LIMIT_FILTER, "");
    // The route's own part stands beside `route:`.
    String perRoute = (LIMITS + limits.indent(6).stripTrailing()).indent(16).stripTrailing();
    return TestSidecar.start(
        yaml.replaceFirst(
            "(?m)^( *)cluster: app\n",
            "$1cluster: app\n" + java.util.regex.Matcher.quoteReplacement(perRoute) + "\n"),
        1);
  }

  private static RawClient.Response get(RawClient client, String fields) throws IOException {
    return client.send("GET / HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n").read(false);
  }

  @Test
  void limitRefusesWith429AndSaysWhichAndWhen() throws IOException {
    try (TestSidecar sidecar =
            limited(
                upstream, "- {policy: shop/app, name: everyone, rate_per_second: 0.01, burst: 2}");
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, get(client, "").status());
      assertEquals(200, get(client, "").status());
      RawClient.Response refused = get(client, "");
      assertEquals(429, refused.status());
      assertTrue(
          refused
              .field("x-weir-cause")
              .startsWith("rate-limited;policy=\"shop/app\";limit=\"everyone\";retry-after-ms="),
          refused.head());
      assertFalse(refused.field("retry-after").isEmpty());
      assertEquals(1, sidecar.stat("rate_limit.shop/app.rate_limited.everyone"));
      assertEquals(2, upstream.all().size());
    }
  }

  @Test
  void refusalByOneLimitCostsNoTokenOfAnother() throws IOException {
    String limits =
        """
        - {policy: p, name: all, rate_per_second: 0.01, burst: 3}
        - {policy: p, name: each, rate_per_second: 0.01, burst: 1, per: [{header: x-key}], max_keys: 10}
        """;
    try (TestSidecar sidecar = limited(upstream, limits);
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, get(client, "x-key: a\r\n").status());
      for (int i = 0; i < 5; i++) {
        assertEquals(429, get(client, "x-key: a\r\n").status());
      }
      assertEquals(200, get(client, "x-key: b\r\n").status());
      assertEquals(200, get(client, "x-key: c\r\n").status());
      assertTrue(get(client, "x-key: d\r\n").field("x-weir-cause").contains("limit=\"all\""));
    }
  }

  @Test
  void requestsWithoutTheKeyShareOneBucketAndSoDoKeysBeyondTheMost() throws IOException {
    try (TestSidecar sidecar =
            limited(
                upstream,
                "- {policy: p, name: each, rate_per_second: 0.01, burst: 1, per: [{header: x-key}], max_keys: 2}");
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, get(client, "").status());
      assertEquals(429, get(client, "").status());
      assertEquals(200, get(client, "x-key: a\r\n").status());
      assertEquals(200, get(client, "x-key: b\r\n").status());
      assertEquals(429, get(client, "x-key: c\r\n").status());
      assertEquals(2, sidecar.stat("rate_limit.p.overflow_key.each"));
    }
  }

  @Test
  void shadowLimitCountsAndAdmits() throws IOException {
    try (TestSidecar sidecar =
            limited(
                upstream, "- {policy: p, name: s, rate_per_second: 0.01, burst: 1, shadow: true}");
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, get(client, "").status());
      assertEquals(200, get(client, "").status());
      assertEquals(1, sidecar.stat("rate_limit.p.shadow_rate_limited.s"));
    }
  }

  private static final String RETRY =
      "retry_policy: {retry_on: \"5xx,connect-failure,reset\", num_retries: 2, retry_back_off: {base_interval: 0.001s, max_interval: 0.002s}}\n";

  @Test
  void retriesHideFailuresAndReplayTheBody() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    upstream.script((request, out) ->
        TestUpstream.reply(out, attempts.incrementAndGet() < 3 ? 503 : 200, request.text()));
    try (TestSidecar sidecar = sidecar(RETRY, "", "");
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response response =
          client.send("PUT / HTTP/1.1\r\nHost: app\r\nContent-Length: 5\r\n\r\nagain").read(false);
      assertEquals(200, response.status());
      assertEquals("again", response.body());
      assertEquals(2, sidecar.stat("cluster.app.upstream_rq_retry"));
      assertEquals(1, sidecar.stat("cluster.app.upstream_rq_retry_success"));
    }
    for (int i = 0; i < 3; i++) {
      assertEquals("again", upstream.next().text());
    }
    assertEquals(
        1, upstream.connections(), "a small refused response is read away and its connection kept");
  }

  @Test
  void lastFailureIsPassedOnWhenRetriesAreUsedUp() throws IOException {
    upstream.script((request, out) -> TestUpstream.reply(out, 503, "sorry"));
    try (TestSidecar sidecar = sidecar(RETRY, "", "");
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response response = get(client, "");
      assertEquals(503, response.status());
      assertEquals("sorry", response.body());
      assertEquals("", response.field("x-weir-cause"), "it is the app's own answer");
      assertEquals(3, upstream.all().size());
      assertEquals(1, sidecar.stat("cluster.app.upstream_rq_retry_limit_exceeded"));
    }
  }

  @Test
  void requestThatTakesTooLongIsA504WithItsCause() throws IOException {
    upstream.script((request, out) -> {
      java.util.concurrent.locks.LockSupport.parkNanos(3_000_000_000L);
      return false;
    });
    try (TestSidecar sidecar = sidecar("timeout: 0.1s\n", "", "");
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response response = get(client, "");
      assertEquals(504, response.status());
      assertEquals("request-timeout", response.field("x-weir-cause"));
      assertEquals(1, sidecar.stat("cluster.app.upstream_rq_timeout"));
    }
  }

  private static final String BREAKER =
      """
      typed_extension_protocol_options:
        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
          "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
          explicit_http_config: {http_protocol_options: {}}
          http_filters:
          - name: weir.filters.http.circuit_breaker
            typed_config:
              "@type": type.googleapis.com/weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker
              policy: shop/app
              scope: SERVICE
              consecutive_failures: 3
              open_for: 2s
              probes: 2
          - name: envoy.filters.http.upstream_codec
            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec}
      """;

  @Test
  void breakerOpensRefusesAtOnceAndHealsThroughHalfOpen() throws Exception {
    upstream.script((request, out) -> TestUpstream.reply(out, 500, "broken"));
    try (TestSidecar sidecar = sidecar("", "", BREAKER);
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 3; i++) {
        assertEquals(500, get(client, "").status());
      }
      RawClient.Response refused = get(client, "");
      assertEquals(503, refused.status());
      assertTrue(
          refused
              .field("x-weir-cause")
              .startsWith("breaker-open;policy=\"shop/app\";retry-after-ms="),
          refused.head());
      assertEquals(3, upstream.all().size(), "a refused request reaches nobody");
      upstream.script((request, out) -> TestUpstream.reply(out, 200, "well"));
      RawClient.Response response = refused;
      long until = System.nanoTime() + 20_000_000_000L;
      while (response.status() != 200 && System.nanoTime() < until) {
        response = get(client, "");
      }
      assertEquals(200, response.status());
      assertEquals(200, get(client, "").status());
      assertEquals(0, sidecar.stat("cluster.app.weir_circuit_breaker.open"));
      assertEquals(1, sidecar.stat("cluster.app.weir_circuit_breaker.opened"));
    }
  }

  private static final String TRACE =
      """
      - name: weir.filters.http.trace_context
        typed_config:
          "@type": type.googleapis.com/weir.extensions.filters.http.trace_context.v1alpha1.TraceContext
          propagate: [W3C, B3]
      """;

  @Test
  void traceIsTakenOverFromB3AndPassedOnInBothFormats() throws Exception {
    try (TestSidecar sidecar = sidecar("", TRACE, "");
        RawClient client = new RawClient(sidecar.port())) {
      get(client, "b3: 4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1\r\n");
    }
    TestUpstream.Request request = upstream.next();
    assertEquals(
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", request.field("traceparent"));
    assertEquals("4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1", request.field("b3"));
  }

  @Test
  void malformedTraceparentIsReplacedAndItsTracestateDropped() throws Exception {
    try (TestSidecar sidecar = sidecar("", TRACE, "");
        RawClient client = new RawClient(sidecar.port())) {
      get(client, "traceparent: 00-zz\r\ntracestate: a=1\r\n");
    }
    TestUpstream.Request request = upstream.next();
    assertTrue(
        request.field("traceparent").matches("00-[0-9a-f]{32}-[0-9a-f]{16}-0[23]"), request.head());
    assertEquals("", request.field("tracestate"));
  }
}
