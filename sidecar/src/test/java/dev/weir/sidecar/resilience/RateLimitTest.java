package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Weir's limits and Envoy's local one. Rates are so low that no token comes back in a test. */
class RateLimitTest {
  private static final String TYPE = "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit";
  private static final String SLOW = "rate_per_second: 0.001";

  private TestUpstream upstream;

  @BeforeEach
  void start() throws IOException {
    upstream = TestUpstream.replying("ok");
  }

  @AfterEach
  void stop() throws IOException {
    upstream.close();
  }

  private TestSidecar limited(String limits) {
    return TestConfig.to(upstream)
        .filter("weir.filters.http.rate_limit", TYPE, "limits: [" + limits + "]")
        .start();
  }

  private static int status(TestSidecar sidecar, String path, String... fields) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      String head = String.join("\r\n", fields) + (fields.length == 0 ? "" : "\r\n");
      return client
          .send("GET " + path + " HTTP/1.1\r\nHost: app\r\n" + head + "\r\n")
          .read(false)
          .status();
    }
  }

  @Test
  void refusalSaysWhichLimitAndWhenToComeAgain() throws Exception {
    try (TestSidecar sidecar =
            limited("{policy: shop/app, name: all, rate_per_second: 0.5, burst: 1}");
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, client.get("/").status());
      RawClient.Response refused = client.get("/");
      assertEquals(429, refused.status());
      assertTrue(refused.field("x-weir-cause").startsWith("rate-limited;policy=\"shop/app\""));
      assertEquals("2", refused.field("retry-after"));
    }
  }

  @Test
  void refusedRequestTakesNoTokenFromAnyLimit() throws Exception {
    try (TestSidecar sidecar =
        limited(
            "{name: wide, %s, burst: 3}, {name: narrow, %s, burst: 1, matches: [{route: {prefix: /x}}]}"
                .formatted(SLOW, SLOW))) {
      assertEquals(200, status(sidecar, "/x"));
      for (int i = 0; i < 5; i++) {
        assertEquals(429, status(sidecar, "/x"), "narrow refuses");
      }
      assertEquals(200, status(sidecar, "/y"));
      assertEquals(200, status(sidecar, "/y"));
      assertEquals(429, status(sidecar, "/y"), "wide gave three");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/x?k=v", "/x?%6b=v", "/x?k=%76", "/x?k=x&k=v", "/x?a&k=v&k=x", "/x;a=1?k=v"})
  void noSpellingPassesALimitBy(String path) throws Exception {
    String match =
        "{route: {path: /x, query_parameters: [{name: k, string_match: {exact: v}}], headers: [{name: x-a, string_match: {exact: \"1\"}}]}}";
    try (TestSidecar sidecar =
        limited("{name: one, %s, burst: 1, matches: [%s]}".formatted(SLOW, match))) {
      assertEquals(200, status(sidecar, "/x?k=v", "x-a: 1"));
      assertEquals(429, status(sidecar, path, "x-a: 2", "X-A: 1"));
      assertEquals(200, status(sidecar, "/x?k=w", "x-a: 1"), "another value");
    }
  }

  @Test
  void eachKeyHasItsOwnBucketAndRequestsWithoutItShareOne() throws Exception {
    try (TestSidecar sidecar =
        limited("{name: per, %s, burst: 1, per: [{header: x-key}]}".formatted(SLOW))) {
      assertEquals(200, status(sidecar, "/", "x-key: a"));
      assertEquals(200, status(sidecar, "/", "x-key: b"));
      assertEquals(429, status(sidecar, "/", "x-key: a"));
      assertEquals(200, status(sidecar, "/"));
      assertEquals(429, status(sidecar, "/"));
      assertEquals(200, status(sidecar, "/", "x-key: " + "k".repeat(9000) + "1"));
      assertEquals(200, status(sidecar, "/", "x-key: " + "k".repeat(9000) + "2"));
      assertEquals(429, status(sidecar, "/", "x-key: " + "k".repeat(9000) + "1"));
    }
  }

  @Test
  void aLimitForAMethodIsNoLimitForAnother() throws Exception {
    try (TestSidecar sidecar =
        limited("{name: posts, %s, burst: 1, matches: [{method: POST}]}".formatted(SLOW))) {
      for (int i = 0; i < 3; i++) {
        assertEquals(200, status(sidecar, "/"));
      }
    }
  }

  @Test
  void aBucketForEachAddressIsTheCallers() throws Exception {
    try (TestSidecar sidecar =
        limited("{name: per, %s, burst: 1, per: [{remote_address: true}]}".formatted(SLOW))) {
      assertEquals("200", statusFrom("127.0.0.2", sidecar));
      assertEquals("200", statusFrom("127.0.0.3", sidecar));
      assertEquals("429", statusFrom("127.0.0.2", sidecar));
    }
  }

  private static String statusFrom(String address, TestSidecar sidecar) throws IOException {
    try (Socket client = new Socket()) {
      client.bind(new InetSocketAddress(address, 0));
      client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), sidecar.port()));
      client
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: app\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] line = client.getInputStream().readNBytes("HTTP/1.1 200".length());
      return new String(line, StandardCharsets.US_ASCII).substring("HTTP/1.1 ".length());
    }
  }

  @Test
  void newKeysOverTheBoundShareOneBucket() throws Exception {
    try (TestSidecar sidecar =
        limited("{name: per, %s, burst: 1, per: [{header: x-key}], max_keys: 2}".formatted(SLOW))) {
      assertEquals(200, status(sidecar, "/", "x-key: a"));
      assertEquals(200, status(sidecar, "/", "x-key: b"));
      assertEquals(200, status(sidecar, "/", "x-key: c"), "the shared bucket's only token");
      assertEquals(429, status(sidecar, "/", "x-key: d"));
      assertEquals(429, status(sidecar, "/", "x-key: a"), "known keys keep theirs");
    }
  }

  @Test
  void shadowCountsAndAdmits() throws Exception {
    try (TestSidecar sidecar =
        limited("{policy: p/q, name: all, %s, burst: 1, shadow: true}".formatted(SLOW))) {
      for (int i = 0; i < 3; i++) {
        assertEquals(200, status(sidecar, "/"));
      }
    }
  }

  @Test
  void envoysLocalLimitIsSharedByTwoLoops() throws Exception {
    try (TestSidecar sidecar =
        TestConfig.to(upstream)
            .filter(
                "rl",
                "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
                "stat_prefix: rl, token_bucket: {max_tokens: 4, fill_interval: 3600s}, filter_enabled: {default_value: {numerator: 100}}, filter_enforced: {default_value: {numerator: 100}}")
            .start(2)) {
      int admitted = 0;
      for (int i = 0; i < 10; i++) {
        admitted += status(sidecar, "/") == 200 ? 1 : 0;
      }
      assertEquals(4, admitted);
    }
  }
}
