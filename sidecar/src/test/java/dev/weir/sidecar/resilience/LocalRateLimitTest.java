package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Envoy's local rate limit, field by field. */
class LocalRateLimitTest {
  private static final String ALL = "{default_value: {numerator: 100}}";

  private TestUpstream app;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("hello");
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  private TestSidecar limited(String bucket, String enabled, String enforced, String more) {
    return TestConfig.to(app)
        .filter(
            "limit",
            "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
            "stat_prefix: in, token_bucket: {%s}, filter_enabled: %s, filter_enforced: %s%s"
                .formatted(bucket, enabled, enforced, more))
        .start();
  }

  private static RawClient.Response get(TestSidecar sidecar) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.get("/");
    }
  }

  @Test
  void theRefusalsStatusAndFieldsAreTheConfiguredOnes() throws IOException {
    try (TestSidecar sidecar =
        limited(
            "max_tokens: 1, fill_interval: 3600s",
            ALL,
            ALL,
            ", status: {code: 503}, response_headers_to_add: [{header: {key: x-limited, value: yes}}]")) {
      assertEquals("", get(sidecar).field("x-limited"));
      RawClient.Response refused = get(sidecar);
      assertEquals(503, refused.status());
      assertEquals("yes", refused.field("x-limited"));
    }
  }

  @Test
  void tokensComeBackAtTheConfiguredRate() throws IOException {
    String bucket = "max_tokens: 1, tokens_per_fill: 100000, fill_interval: 1s";
    try (TestSidecar sidecar = limited(bucket, ALL, ALL, "");
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 20; i++) {
        assertEquals(200, client.get("/").status());
      }
    }
  }

  @Test
  void aShareOfRequestsIsOfWhatItsDenominatorSays() throws IOException {
    String quarter = "{default_value: {numerator: 250000, denominator: MILLION}}";
    try (TestSidecar sidecar = limited("max_tokens: 1, fill_interval: 3600s", quarter, ALL, "");
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 400; i++) {
        client.get("/");
      }
      long limited = sidecar.stat("in.http_local_rate_limit.rate_limited");
      assertTrue(limited > 20 && limited < 200, limited + " of 400");
    }
  }
}
