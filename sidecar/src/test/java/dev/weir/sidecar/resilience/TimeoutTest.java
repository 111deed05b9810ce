package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Server;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What takes too long ends, with a status that says why. */
@Tag("slow")
class TimeoutTest {
  private final CountDownLatch over = new CountDownLatch(1);
  private TestUpstream upstream;

  /** Answers at once, but {@code /slow} never. */
  @BeforeEach
  void start() throws IOException {
    upstream =
        TestUpstream.start((request, out) -> {
          if (request.line().contains("/slow")) {
            hold();
          }
          return TestUpstream.reply(out, 200, "ok");
        });
  }

  @AfterEach
  void stop() throws IOException {
    over.countDown();
    upstream.close();
  }

  private void hold() throws IOException {
    try {
      over.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void requestTimeoutIsA504WithItsCause() throws Exception {
    try (TestSidecar sidecar = TestConfig.to(upstream).route("timeout: 1s").start();
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer = client.get("/slow");
      assertEquals(504, answer.status());
      assertEquals("request-timeout", answer.field("x-weir-cause"));
      assertEquals("ok", client.get("/").body());
      assertEquals(1, sidecar.stat("cluster.app.upstream_rq_timeout"));
      assertEquals(0, sidecar.stat("cluster.app.upstream_rq_active"));
    }
  }

  /** The route has its timeouts, and its retries, from policies. */
  private static TestSidecar ofPolicies(TestConfig config) {
    return TestSidecar.start(
        config
            .yaml()
            .replace(
                "- match: {prefix: \"/\"}\n",
                "- match: {prefix: \"/\"}\n                metadata: {filter_metadata: {weir.policies: {timeouts: shop/app, retry: shop/retries}}}\n"),
        1);
  }

  @ParameterizedTest
  @CsvSource({
    "timeout: 0.1s, '', request-timeout;policy=\"shop/app\"",
    "timeout: 10s, x-envoy-upstream-rq-timeout-ms: 100, request-timeout",
    "'retry_policy: {per_try_timeout: 0.1s}', '', per-try-timeout;policy=\"shop/app\"",
    "'retry_policy: {per_try_timeout: 5s}', x-envoy-upstream-rq-per-try-timeout-ms: 100, per-try-timeout",
    "idle_timeout: 0.1s, '', stream-idle-timeout;policy=\"shop/app\""
  })
  void timeoutNamesItsPolicyUnlessTheCallerHasAskedForIt(String route, String field, String cause)
      throws Exception {
    try (TestSidecar sidecar = ofPolicies(TestConfig.to(upstream).route(route));
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer =
          client
              .send(
                  "GET /slow HTTP/1.1\r\nHost: app\r\n"
                      + (field.isEmpty() ? "" : field + "\r\n")
                      + "\r\n")
              .read(false);
      assertEquals(504, answer.status());
      assertEquals(cause, answer.field("x-weir-cause"));
    }
  }

  @Test
  void idleTimeoutOfTheListenerNamesNoPolicy() throws Exception {
    try (TestSidecar sidecar =
            ofPolicies(TestConfig.to(upstream).manager("stream_idle_timeout: 0.1s"));
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals("stream-idle-timeout", client.get("/slow").field("x-weir-cause"));
    }
  }

  @Test
  void timeoutOfOneStreamHoldsWhileOthersComeAndGo() throws Exception {
    try (TestSidecar sidecar = TestConfig.to(upstream).route("timeout: 2s").start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.get(1, "/slow").flush();
      for (int stream = 3; stream < 9; stream += 2) {
        assertEquals(200, client.get(stream, "/").flush().status(stream));
      }
      assertEquals(504, client.status(1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"50m", "50000u", "50000000n"})
  void grpcTimeoutOfTheCallerIsKept(String timeout) throws Exception {
    try (TestSidecar sidecar =
            TestConfig.to(upstream)
                .route("max_stream_duration: {grpc_timeout_header_max: 0s}")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer =
          client
              .send(
                  "GET /slow HTTP/1.1\r\nHost: app\r\nContent-Type: application/grpc\r\ngrpc-timeout: "
                      + timeout
                      + "\r\n\r\n")
              .read(false);
      assertEquals(200, answer.status());
      assertEquals("4", answer.field("grpc-status"), "DEADLINE_EXCEEDED");
    }
  }

  @Test
  void idleConnectionIsClosed() throws Exception {
    try (TestSidecar sidecar =
            TestConfig.to(upstream)
                .manager("common_http_protocol_options: {idle_timeout: 1s}")
                .start();
        RawClient fresh = new RawClient(sidecar.port())) {
      try (RawClient used = new RawClient(sidecar.port())) {
        used.get("/");
        try (RawHttp2Client second = new RawHttp2Client(sidecar.port())) {
          assertEquals(200, second.get(1, "/").flush().status(1));
          assertTrue(second.closed());
        }
        assertTrue(used.closedWithin(5000));
      }
      assertTrue(fresh.closedWithin(5000));
    }
  }

  @Test
  void headThatComesTooSlowlyIsA408() throws Exception {
    try (TestSidecar sidecar =
            TestConfig.to(upstream).manager("request_headers_timeout: 0.2s").start();
        RawClient silent = new RawClient(sidecar.port());
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer = client.send("GET / HTTP/1.1\r\nHost:").read(false);
      assertEquals(408, answer.status());
      assertTrue(client.closedWithin(2000));
      assertFalse(silent.closedWithin(50), "nothing is asked of a connection that says nothing");
    }
  }

  @Test
  void prefaceThatComesTooSlowlyIsClosed() throws Exception {
    try (TestSidecar sidecar =
            TestConfig.to(upstream).manager("request_headers_timeout: 0.2s").start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("PRI * HTTP/2.0\r\n");
      assertTrue(client.closedWithin(2000));
    }
  }

  @Test
  void streamWithoutProgressIsA504OnceItsRequestIsWhole() throws Exception {
    try (TestSidecar sidecar =
            TestConfig.to(upstream).manager("stream_idle_timeout: 0.1s").start();
        RawClient client = new RawClient(sidecar.port());
        RawClient uploading = new RawClient(sidecar.port())) {
      assertEquals(504, client.get("/slow").status());
      uploading.send("POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 10\r\n\r\nhalf");
      assertEquals(408, uploading.read(false).status());
    }
  }

  @Test
  void responseThatIsNotTakenHoldsItsConnectionForABoundedTime() throws Exception {
    TestUpstream large =
        TestUpstream.start((request, out) -> TestUpstream.reply(out, 200, "x".repeat(9 << 20)));
    try (large;
        TestSidecar sidecar =
            TestConfig.to(large)
                .bufferLimit(32 << 20)
                .manager("delayed_close_timeout: 0.2s")
                .start();
        RawClient client = new RawClient(sidecar.port(), 4096)) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n");
      Await.until(() -> sidecar.stat("http.in.downstream_rq_completed") == 1);
      Await.until(() -> sidecar.stat("http.in.downstream_cx_active") == 0);
    }
  }

  @Test
  void tryWithoutASignOfLifeIsEndedAndMadeAgain() throws Exception {
    String policy = "retry_policy: {retry_on: 5xx, num_retries: 1, per_try_idle_timeout: 0.1s}";
    try (TestSidecar sidecar = TestConfig.to(upstream).route(policy).start();
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer = client.get("/slow");
      assertEquals(504, answer.status());
      assertEquals("per-try-idle-timeout", answer.field("x-weir-cause"));
      Await.until(() -> upstream.all().size() == 2);
    }
  }

  @Test
  void responseThatStallsBeyondThePerTryIdleTimeoutIsCutOff() throws Exception {
    upstream.script((request, out) -> {
      TestUpstream.write(out, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
      hold();
      return false;
    });
    String policy = "retry_policy: {retry_on: 5xx, num_retries: 1, per_try_idle_timeout: 1s}";
    try (TestSidecar sidecar = TestConfig.to(upstream).route(policy).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      assertEquals("half", client.read(false).body());
      assertTrue(client.closedWithin(5000));
      assertEquals(1, upstream.all().size());
    }
  }

  @Test
  void requestTimeoutCutsOffAResponseThatHasBegun() throws Exception {
    upstream.script((request, out) -> {
      TestUpstream.write(out, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n");
      hold();
      return false;
    });
    try (TestSidecar sidecar = TestConfig.to(upstream).manager("request_timeout: 0.2s").start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: app\r\nx-early: 1\r\ntransfer-encoding: chunked\r\n\r\n");
      Await.until(() -> sidecar.stat("http.in.downstream_rq_timeout") == 1);
      Await.until(() -> sidecar.stat("http.in.downstream_rq_active") == 0);
    }
  }

  @Test
  void requestThatGoesOnHasNoPerTryIdleTimeout() throws Exception {
    String keepAlive =
        "http2_protocol_options: {connection_keepalive: {interval: 0.05s, timeout: 5s}}";
    try (RawHttp2Server app = new RawHttp2Server();
        TestSidecar sidecar =
            TestConfig.to(app.port())
                .http2Upstream()
                .manager(keepAlive)
                .route("retry_policy: {per_try_idle_timeout: 0.1s}")
                .start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client
          .headers(
              1, false, ":method", "POST", ":scheme", "http", ":authority", "app", ":path", "/")
          .flush();
      try (RawHttp2Client server = app.accept()) {
        server.await(frame -> frame.type() == RawHttp2Client.HEADERS);
        server.headers(3, false, ":status", "200").flush();
        assertEquals(200, client.status(1));
        for (int i = 0; i < 6; i++) { // the clock: one in 0.05 s
          client.await(RawHttp2Client.PING, 0);
        }
        server.data(3, true, "late").flush();
        assertEquals("late", client.await(RawHttp2Client.DATA, 1).text());
      }
    }
  }
}
