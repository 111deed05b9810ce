package dev.weir.sidecar.telemetry.recent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** What is kept of requests that are over, and what is told of them. */
class RecentRequestsTest {
  private static final String LIMIT = "weir.extensions.filters.http.rate_limit.v1alpha1.RateLimit";

  private static RawClient.Response page(TestSidecar sidecar, String path) throws IOException {
    try (RawClient admin = new RawClient(sidecar.adminPort())) {
      return admin.get(path);
    }
  }

  private static Map<?, ?> json(RawClient.Response page) {
    assertEquals(200, page.status(), page.body());
    return (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromString(page.body());
  }

  private static List<Map<?, ?>> requests(TestSidecar sidecar, String query) throws IOException {
    return list(json(page(sidecar, "/requests?" + query)), "requests");
  }

  @SuppressWarnings("unchecked")
  private static List<Map<?, ?>> list(Map<?, ?> of, String key) {
    return (List<Map<?, ?>>) Objects.requireNonNull(of.get(key), () -> key + " of " + of);
  }

  private static String text(Map<?, ?> of, String key) {
    return String.valueOf(of.get(key));
  }

  private static double number(Map<?, ?> of, String key) {
    return Double.parseDouble(text(of, key));
  }

  @Test
  void requestIsFoundByItsIdWithEachOfItsAttempts() throws Exception {
    try (TestUpstream app = TestUpstream.replying("ok");
        ClosedPort gone = new ClosedPort();
        TestSidecar sidecar =
            TestConfig.to(gone.port(), app.port())
                .route(
                    "retry_policy: {retry_on: connect-failure, num_retries: 3, retry_back_off: {base_interval: 0.001s}}")
                .start(1);
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 4; i++) {
        String id = "Host: app\r\nx-request-id: r" + i;
        client.send("GET /a HTTP/1.1\r\n" + id + "\r\n\r\n").read(false);
      }
      Map<?, ?> tried =
          requests(sidecar, "path=/a").stream()
              .filter(each -> list(each, "attempts").size() > 1)
              .findFirst()
              .orElseThrow();
      assertEquals(List.of(tried), requests(sidecar, "id=" + tried.get("request_id")));
      assertEquals(200, tried.get("status"));
      Map<?, ?> failed = list(tried, "attempts").getFirst();
      Map<?, ?> answered = list(tried, "attempts").getLast();
      assertEquals("127.0.0.1:" + gone.port(), failed.get("host"));
      assertTrue(text(failed, "failure").contains("refused"), failed::toString);
      assertEquals("127.0.0.1:" + app.port(), answered.get("host"));
      assertEquals(200, answered.get("status"));
      assertTrue(number(answered, "sent_ms") >= number(answered, "start_ms"));
      assertTrue(number(answered, "end_ms") >= number(answered, "head_ms"));
      assertEquals("retry", list(tried, "decisions").getFirst().get("what"));
    }
  }

  @Test
  void connectionOfAnAttemptIsNewOrHasServedBefore() throws Exception {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar = TestConfig.to(app).start(1);
        RawClient client = new RawClient(sidecar.port())) {
      for (String id : List.of("one", "two")) {
        client.send("GET / HTTP/1.1\r\nHost: app\r\nx-request-id: " + id + "\r\n\r\n").read(false);
      }
      for (int before = 0; before < 2; before++) {
        Map<?, ?> request = requests(sidecar, "id=" + List.of("one", "two").get(before)).getFirst();
        assertEquals(before, list(request, "attempts").getFirst().get("earlier_requests"));
      }
    }
  }

  @Test
  void refusalHasItsPolicyAndTheNumbersItWasDecidedBy() throws Exception {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestConfig.to(app)
                .filter(
                    "weir.filters.http.rate_limit",
                    LIMIT,
                    "limits: [{policy: shop/app, name: all, rate_per_second: 0.001, burst: 2}]")
                .start(1);
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 3; i++) {
        client.get("/");
      }
      Map<?, ?> refused = requests(sidecar, "kind=refused").getFirst();
      assertTrue(text(refused, "cause").startsWith("rate-limited;policy=\"shop/app\""));
      Map<?, ?> decision = list(refused, "decisions").getFirst();
      assertEquals("refused", decision.get("outcome"));
      assertEquals("shop/app", decision.get("policy"));
      assertEquals("all", decision.get("limit"));
      assertEquals("0 of 2 tokens left", decision.get("numbers"));
      assertEquals(1, requests(sidecar, "status=4xx&cause=rate-limited").size());
      assertEquals(
          "1 of 2 tokens left",
          list(requests(sidecar, "status=200").getLast(), "decisions").getFirst().get("numbers"));
    }
  }

  @Test
  void openBreakerIsTold() throws Exception {
    try (ClosedPort gone = new ClosedPort();
        TestSidecar sidecar =
            TestConfig.to(gone.port())
                .breaker("consecutive_failures: 1, open_for: 100s, probes: 1")
                .start(1);
        RawClient client = new RawClient(sidecar.port())) {
      client.get("/");
      client.get("/");
      List<Map<?, ?>> failed = requests(sidecar, "kind=failed");
      Map<?, ?> admitted = list(failed.get(1), "decisions").getFirst();
      Map<?, ?> refused = list(failed.get(0), "decisions").getFirst();
      assertEquals("admitted closed", admitted.get("outcome") + " " + admitted.get("numbers"));
      assertEquals("shop/app", refused.get("policy"));
      assertTrue(text(refused, "numbers").contains("after 1 failures in a row"), refused::toString);
    }
  }

  @Test
  void routesBeforeItsOwnSayWhyTheyAreNotIt() throws Exception {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar = TestSidecar.start(routes(app.port()), 1);
        RawClient client = new RawClient(sidecar.port())) {
      client.get("/x?q=1");
      Map<?, ?> request = requests(sidecar, "path=/x").getFirst();
      assertEquals("rest", request.get("route"));
      assertEquals(
          List.of(
              Map.of("route", "exports", "why", "the path is not /export..."),
              Map.of("route", "canary", "why", "the field x-canary does not match")),
          request.get("routes_before"));
    }
  }

  private static String routes(int port) {
    String first =
        """
        - {name: exports, match: {prefix: /export}, direct_response: {status: 200}}
        - {name: canary, match: {prefix: /x, headers: [{name: x-canary, string_match: {exact: "1"}}]}, direct_response: {status: 200}}
        - name: rest
          match: {prefix: "/"}
        """;
    String yaml = TestConfig.to(port).yaml();
    int at = yaml.indexOf("- match: {prefix: \"/\"}");
    int line = yaml.lastIndexOf('\n', at) + 1;
    return yaml.substring(0, line)
        + first.indent(at - line)
        + yaml.substring(yaml.indexOf('\n', at) + 1);
  }

  @Test
  void noSecretIsTold() throws Exception {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar = TestConfig.to(app).start(1);
        RawClient client = new RawClient(sidecar.port())) {
      client
          .send(
              String.join(
                  "\r\n",
                  "GET /a?user=s3cret&s3cret HTTP/1.1",
                  "Host: app",
                  "Authorization: Bearer s3cret",
                  "Cookie: a=s3cret",
                  "X-Api-Key: s3cret",
                  "X-Csrf-Token: s3cret",
                  "Referer: http://app/login?password=s3cret",
                  "X-Forwarded-Uri: /a?s3cret",
                  "X-Plain: seen",
                  "Authorization: s3cret",
                  "",
                  ""))
          .read(false);
      String told = page(sidecar, "/requests").body();
      assertFalse(told.contains("s3cret"), told);
      assertTrue(told.contains("\"x-plain\":\"seen\""), told);
      assertTrue(told.contains("/a?user=[redacted]&[redacted]"), told);
    }
  }

  @Test
  void asManyAsAreKeptAreToldTheNewestFirst() throws Exception {
    try (ClosedPort gone = new ClosedPort();
        TestSidecar sidecar = TestConfig.to(gone.port()).start(1);
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 300; i++) {
        client.get("/" + i);
      }
      List<Map<?, ?>> failed = requests(sidecar, "kind=failed&limit=1000");
      assertEquals(RecentRequest.Kind.FAILED.most(), failed.size());
      assertEquals(50, requests(sidecar, "kind=failed").size());
      assertEquals(0, requests(sidecar, "path=/0&kind=recent").size());
    }
  }

  @Test
  void whoWatchesSeesWhatEndsAndMissesNothingBetweenTwoLooks() throws Exception {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar = TestConfig.to(app).start(1);
        RawClient client = new RawClient(sidecar.port())) {
      client.get("/before");
      assertEquals(List.of(), tapped(sidecar, "path=/seen&wait_ms=1"));
      for (int i = 0; i < 40; i++) {
        client.get("/seen");
        client.get("/other");
      }
      assertEquals(40, tapped(sidecar, "path=/seen&wait_ms=5000").size());
      CompletableFuture<List<Map<?, ?>>> later =
          CompletableFuture.supplyAsync(() -> {
            try {
              return tapped(sidecar, "wait_ms=5000");
            } catch (IOException e) {
              throw new IllegalStateException(e);
            }
          });
      client.get("/seen");
      assertEquals(1, later.get().size());
    }
  }

  private static List<Map<?, ?>> tapped(TestSidecar sidecar, String query) throws IOException {
    return list(json(page(sidecar, "/tap?name=me&" + query)), "requests");
  }

  @ParameterizedTest
  @CsvSource({
    "/requests?kind=bad, none of [failed",
    "/requests?status=9xx, neither a status",
    "/requests?limit=0, no number from 1 to 1000",
    "/requests?direction=up, neither inbound nor outbound",
    "/requests?colour=red, there is no parameter colour",
    "/tap?path=/a, name:",
  })
  void wrongParameterIsSaid(String path, String said) throws Exception {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar = TestConfig.to(app).start(1)) {
      RawClient.Response page = page(sidecar, path);
      assertEquals(400, page.status());
      assertTrue(page.body().contains(said), page.body());
    }
  }
}
