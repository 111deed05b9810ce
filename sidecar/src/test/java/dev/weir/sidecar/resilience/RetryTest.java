package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Another attempt: when there is one, where it goes, what it sends, and what bounds it. */
@Tag("slow")
class RetryTest {
  private static final String QUICK = "retry_back_off: {base_interval: 0.001s}";
  private static final String OTHER_HOST =
      "host_selection_retry_max_attempts: 3, retry_host_predicate: [{name: p, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}}]";

  private static String retry(String fields) {
    return "retry_policy: {%s, %s}".formatted(fields, QUICK);
  }

  /** Fails the first {@code times} requests as {@code failure} says, then echoes. */
  private static TestUpstream failing(int times, TestUpstream.Script failure) throws IOException {
    AtomicInteger seen = new AtomicInteger();
    return TestUpstream.start((request, out) ->
        seen.incrementAndGet() <= times
            ? failure.answer(request, out)
            : TestUpstream.reply(out, 200, "ok " + request.text()));
  }

  private static boolean hang() throws IOException {
    try {
      new java.util.concurrent.CountDownLatch(1).await(); // until the connection is given up
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return false;
  }

  @Test
  void secondAttemptGoesToAnotherHost() throws Exception {
    try (TestUpstream bad = TestUpstream.start((request, out) -> TestUpstream.reply(out, 503, ""));
        TestUpstream good = TestUpstream.replying("good");
        TestSidecar sidecar =
            TestConfig.to(bad, good)
                .route(retry("retry_on: 5xx, num_retries: 1, " + OTHER_HOST))
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 6; i++) {
        assertEquals("good", client.get("/").body());
      }
      assertTrue(bad.all().size() > 0);
      assertEquals(bad.all().size(), sidecar.stat("cluster.app.upstream_rq_retry_success"));
    }
  }

  @Test
  void aHostThatWasTriedIsPassedOverAsOftenAsItIsChosen() throws Exception {
    try (TestUpstream bad = TestUpstream.start((request, out) -> TestUpstream.reply(out, 503, ""));
        TestUpstream good = TestUpstream.replying("good");
        TestSidecar sidecar =
            TestConfig.to(bad, good)
                .cluster("lb_policy: RANDOM")
                .route(retry("retry_on: 5xx, num_retries: 1, " + OTHER_HOST))
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 60; i++) {
        assertEquals("good", client.get("/").body());
      }
    }
  }

  @Test
  void anAnswerWithAHeaderThatSaysSoIsTriedAgain() throws Exception {
    try (TestUpstream upstream =
            failing(
                1,
                (request, out) -> {
                  TestUpstream.write(
                      out, "HTTP/1.1 200 OK\r\nX-Again: yes\r\nContent-Length: 0\r\n\r\n");
                  return true;
                });
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .route(
                    retry(
                        "retry_on: retriable-headers, retriable_headers: [{name: x-again, present_match: true}]"))
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals("", client.get("/").field("x-again"));
      assertEquals(2, upstream.all().size());
    }
  }

  @Test
  void aRetryWaitsAsLongAsItIsTo() throws Exception {
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> TestUpstream.reply(out, 503, ""));
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .route(
                    """
                    timeout: 1s
                    retry_policy: {retry_on: 5xx, num_retries: 9, retry_back_off: {base_interval: 1000000s}}\
                    """)
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(504, client.get("/").status());
      assertEquals(1, upstream.all().size());
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 0, 1", "0, 100, 2", "1, 0, 2"})
  void envoysBudgetAllowsAShareOfTheRequestsUnderWayAndALeast(int least, int percent, int attempts)
      throws Exception {
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> TestUpstream.reply(out, 503, ""));
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .cluster(
                    "circuit_breakers: {thresholds: [{retry_budget: {budget_percent: {value: %d}, min_retry_concurrency: %d}}]}"
                        .formatted(percent, least))
                .route(retry("retry_on: 5xx, num_retries: 1"))
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(503, client.get("/").status());
      assertEquals(attempts, upstream.all().size());
    }
  }

  @Test
  void hostThatRefusesConnectionsIsReplacedByAnother() throws Exception {
    try (TestUpstream good = TestUpstream.replying("good");
        ClosedPort closed = new ClosedPort();
        TestSidecar sidecar =
            TestConfig.to(closed.port(), good.port())
                .route(retry("retry_on: connect-failure, num_retries: 1, " + OTHER_HOST))
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 4; i++) {
        assertEquals("good", client.get("/").body());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "5xx, 500, 2",
    "gateway-error, 502, 2",
    "gateway-error, 500, 1",
    "retriable-4xx, 409, 2",
    "retriable-4xx, 404, 1",
    "'retriable-status-codes', 429, 2",
    "connect-failure, 503, 1"
  })
  void answerIsTriedAgainIfItsConditionIsSet(String on, int status, int attempts) throws Exception {
    try (TestUpstream upstream =
            failing(1, (request, out) -> TestUpstream.reply(out, status, "no"));
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .route(retry("retry_on: \"" + on + "\", retriable_status_codes: [429]"))
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(attempts == 2 ? 200 : status, client.get("/").status());
      assertEquals(attempts, upstream.all().size());
    }
  }

  @Test
  void connectionCutOffBeforeItsResponseIsTriedAgain() throws Exception {
    try (TestUpstream upstream = failing(2, (request, out) -> false);
        TestSidecar sidecar =
            TestConfig.to(upstream).route(retry("retry_on: reset, num_retries: 2")).start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, client.get("/").status());
    }
  }

  @Test
  void lastAttemptsAnswerIsTheClients() throws Exception {
    try (TestUpstream upstream =
            failing(9, (request, out) -> TestUpstream.reply(out, 503, "attempt"));
        TestSidecar sidecar =
            TestConfig.to(upstream).route(retry("retry_on: 5xx, num_retries: 2")).start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals("attempt", client.get("/").body());
      assertEquals(3, upstream.all().size());
      assertEquals(1, sidecar.stat("cluster.app.upstream_rq_retry_limit_exceeded"));
    }
  }

  @Test
  void bodyAndTrailersAreSentAgain() throws Exception {
    try (TestUpstream upstream = failing(1, (request, out) -> TestUpstream.reply(out, 503, ""));
        TestSidecar sidecar = TestConfig.to(upstream).route(retry("retry_on: 5xx")).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: t\r\n\r\n");
      assertEquals("ok abcde[X-T: t]", client.read(false).body());
    }
  }

  @Test
  void bodyOverItsBoundIsSentOnce() throws Exception {
    try (TestUpstream upstream = failing(9, (request, out) -> TestUpstream.reply(out, 503, ""));
        TestSidecar sidecar =
            TestConfig.to(upstream).bufferLimit(2048).route(retry("retry_on: 5xx")).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 9000\r\n\r\n" + "a".repeat(9000));
      assertEquals(503, client.read(false).status());
      assertEquals(
          1, upstream.all().stream().filter(request -> request.line().startsWith("POST")).count());
      assertEquals(1, sidecar.stat("cluster.app.retry_or_shadow_abandoned"));
    }
  }

  @Test
  void responseThatHasBegunIsNotTriedAgain() throws Exception {
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> {
              TestUpstream.write(out, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
              return false;
            });
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .route(retry("retry_on: \"5xx,reset\", num_retries: 3"))
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals("half", client.get("/").body());
      assertTrue(client.closedWithin(2000));
      assertEquals(1, upstream.all().size());
    }
  }

  @Test
  void tryThatTakesTooLongIsGivenUpForAnother() throws Exception {
    try (TestUpstream upstream = failing(1, (request, out) -> hang());
        TestSidecar sidecar =
            TestConfig.to(upstream).route(retry("retry_on: 5xx, per_try_timeout: 1s")).start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, client.get("/").status());
      assertEquals(1, sidecar.stat("cluster.app.upstream_rq_per_try_timeout"));
    }
  }

  @Test
  void tryThatMayNotBeRepeatedIsBoundedAllTheSame() throws Exception {
    try (TestUpstream upstream = failing(9, (request, out) -> hang());
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .route(
                    retry(
                        "retry_on: 5xx, per_try_timeout: 0.1s, retriable_request_headers: [{name: \":method\", string_match: {exact: GET}}]"))
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer =
          client.send("POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 0\r\n\r\n").read(false);
      assertEquals(504, answer.status());
      assertEquals("per-try-timeout", answer.field("x-weir-cause"));
      assertEquals(1, upstream.all().size());
    }
  }

  @Test
  void budgetEndsRetriesWhenEverythingFails() throws Exception {
    try (TestUpstream upstream = failing(999, (request, out) -> TestUpstream.reply(out, 503, ""));
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .route(retry("retry_on: 5xx, num_retries: 3"))
                .retryBudget("share: 0.2, over: 10s, at_least_per_second: 0")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 50; i++) {
        assertEquals(503, client.get("/").status());
      }
      int retries = upstream.all().size() - 50;
      assertTrue(retries >= 9 && retries <= 12, "a fifth of 50 and the first token: " + retries);
      assertTrue(sidecar.stat("cluster.app.upstream_rq_retry_overflow") > 0);
    }
  }

  @Test
  void retriesAtOnceAreBounded() throws Exception {
    try (TestUpstream upstream = failing(1, (request, out) -> TestUpstream.reply(out, 503, "no"));
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .route(retry("retry_on: 5xx"))
                .cluster("circuit_breakers: {thresholds: [{max_retries: 0}]}")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer = client.get("/");
      assertEquals(503, answer.status());
      assertEquals(1, sidecar.stat("cluster.app.upstream_rq_retry_overflow"));
    }
  }

  /** Whoever is called at night wants to know that nobody listens there. */
  @Test
  void retryThatMayNotBeHidesNotHowTheLastTryFailed() throws Exception {
    int nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = socket.getLocalPort();
    }
    try (TestSidecar sidecar =
            TestConfig.to(nobody)
                .route(retry("retry_on: connect-failure"))
                .cluster("circuit_breakers: {thresholds: [{max_retries: 0}]}")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer = client.get("/");
      assertEquals(503, answer.status());
      assertEquals("connect-failure", answer.field("x-weir-cause"));
      assertEquals(1, sidecar.stat("cluster.app.upstream_rq_retry_overflow"));
    }
  }

  @Test
  void responseCutOffByAResetIsNotTakenForWhole() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TestSidecar sidecar = TestConfig.to(server.getLocalPort()).start();
        RawClient client = new RawClient(sidecar.port())) {
      Thread.ofVirtual()
          .start(() -> {
            try (var peer = server.accept()) {
              peer.getInputStream().read(new byte[1]);
              TestUpstream.write(peer.getOutputStream(), "HTTP/1.1 200 OK\r\n\r\nso far");
              peer.setSoLinger(true, 0); // unread bytes and this: a reset
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          });
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      // A 503 if the reset overtook the head, else a chunked body without its end.
      assertThrows(
          IOException.class,
          () -> {
            if (client.read(false).status() == 503) {
              throw new IOException("answered");
            }
          });
    }
  }

  @Test
  void discardedResponseThatNeverEndsHoldsNothing() throws Exception {
    AtomicInteger seen = new AtomicInteger();
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> {
              if (seen.getAndIncrement() % 2 == 0) {
                TestUpstream.write(out, "HTTP/1.1 503 X\r\ncontent-length: 10\r\n\r\n");
                return hang();
              }
              return TestUpstream.reply(out, 200, "ok");
            });
        TestSidecar sidecar = TestConfig.to(upstream).route(retry("retry_on: 5xx")).start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 3; i++) {
        assertEquals("ok", client.get("/").body());
      }
      Await.until(() -> sidecar.stat("cluster.app.upstream_cx_active") == 1);
      assertEquals("ok", client.get("/").body());
    }
  }

  @Test
  void triedHostIsTriedAgainRatherThanOneWhoseBreakerIsOpen() throws Exception {
    AtomicInteger seen = new AtomicInteger();
    try (TestUpstream open =
            TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, ""));
        TestUpstream tried = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestConfig.to(open, tried)
                .breaker("scope: ENDPOINT, consecutive_failures: 1, open_for: 60s")
                .route(
                    retry(
                        "retry_on: retriable-status-codes, retriable_status_codes: [409], num_retries: 1, "
                            + OTHER_HOST))
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      while (sidecar.stat("cluster.app.weir_circuit_breaker.open") == 0) {
        client.get("/");
      }
      tried.script((request, out) ->
          TestUpstream.reply(out, seen.getAndIncrement() % 2 == 0 ? 409 : 200, "again"));
      for (int i = 0; i < 10; i++) {
        assertEquals("again", client.get("/").body());
      }
    }
  }
}
