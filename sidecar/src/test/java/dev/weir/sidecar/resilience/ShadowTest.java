package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What policies in shadow mode would have refused goes through, counted and in the access log. */
class ShadowTest {
  private static final String LIMIT_TYPE =
      "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit";
  private static final String SHADOW_BREAKER =
      "consecutive_failures: 1, open_for: 60s, shadow: true";

  @TempDir private Path folder;
  private TestUpstream upstream;

  @BeforeEach
  void start() throws IOException {
    upstream = TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, ""));
  }

  @AfterEach
  void stop() throws IOException {
    upstream.close();
  }

  private TestConfig config() {
    return TestConfig.to(upstream)
        .accessLog(folder.resolve("log"), "%RESPONSE_CODE% %WEIR_CAUSE% %WEIR_SHADOW_CAUSE%");
  }

  /** A bucket of one token that does not come back in a test. */
  private static String limit(String name, boolean shadow) {
    return "{policy: shop/app, name: %s, rate_per_second: 0.001, burst: 1, shadow: %s}"
        .formatted(name, shadow);
  }

  private static TestConfig limited(TestConfig config, String... limits) {
    return config.filter(
        "weir.filters.http.rate_limit", LIMIT_TYPE, "limits: [" + String.join(", ", limits) + "]");
  }

  private List<String> logOfTwoRequests(TestConfig config) throws IOException {
    try (TestSidecar sidecar = config.start()) {
      try (RawClient client = new RawClient(sidecar.port())) {
        client.get("/");
        client.get("/");
      }
      sidecar.drain();
    }
    return Files.readAllLines(folder.resolve("log"));
  }

  private static void assertStartsWith(String expected, String line) {
    assertTrue(line.startsWith(expected), line);
  }

  @Test
  void limitThatWouldHaveRefusedIsLogged() throws IOException {
    List<String> lines = logOfTwoRequests(limited(config(), limit("all", true)));
    assertEquals("500 - -", lines.get(0));
    assertStartsWith(
        "500 - rate-limited;policy=\"shop/app\";limit=\"all\";retry-after-ms=", lines.get(1));
  }

  @Test
  void breakerThatWouldHaveRefusedIsLogged() throws IOException {
    List<String> lines = logOfTwoRequests(config().breaker(SHADOW_BREAKER));
    assertEquals("500 - -", lines.get(0));
    assertStartsWith("500 - breaker-open;policy=\"shop/app\";retry-after-ms=", lines.get(1));
  }

  @Test
  void breakerOfAHostThatWouldHaveRefusedIsLogged() throws IOException {
    List<String> lines = logOfTwoRequests(config().breaker("scope: ENDPOINT, " + SHADOW_BREAKER));
    assertEquals("500 - -", lines.get(0));
    assertStartsWith("500 - breaker-open;policy=\"shop/app\";retry-after-ms=", lines.get(1));
  }

  @Test
  void firstThatWouldHaveRefusedIsTheOneLogged() throws IOException {
    List<String> lines =
        logOfTwoRequests(limited(config().breaker(SHADOW_BREAKER), limit("all", true)));
    assertStartsWith("500 - rate-limited;", lines.get(1));
  }

  @Test
  void refusalIsLoggedBesideWhatShadowWouldHaveRefused() throws IOException {
    List<String> lines =
        logOfTwoRequests(limited(config(), limit("tried", true), limit("held", false)));
    String[] second = lines.get(1).split(" ");
    assertEquals("429", second[0]);
    assertStartsWith("rate-limited;policy=\"shop/app\";limit=\"held\"", second[1]);
    assertStartsWith("rate-limited;policy=\"shop/app\";limit=\"tried\"", second[2]);
  }
}
