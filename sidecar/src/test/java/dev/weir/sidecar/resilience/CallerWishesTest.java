package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What a trusted caller asks for by x-envoy headers is done, and goes no further. */
class CallerWishesTest {
  private static final String QUICK = "retry_back_off: {base_interval: 0.001s}";

  /** Answers with {@code status} at first, then with 200. */
  private static TestUpstream failing(int times, int status, String fields) throws IOException {
    int[] left = {times};
    return TestUpstream.start((request, out) -> {
      int now = left[0]-- > 0 ? status : 200;
      TestUpstream.write(
          out,
          "HTTP/1.1 " + now + " X\r\ncontent-length: 0\r\n" + (now == 200 ? "" : fields) + "\r\n");
      return true;
    });
  }

  private static RawClient.Response ask(TestSidecar sidecar, String fields) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.send("GET / HTTP/1.1\r\nHost: app\r\n" + fields + "\r\n").read(false);
    }
  }

  @Test
  void retryOnAndItsNumber() throws Exception {
    try (TestUpstream app = failing(2, 503, "");
        TestSidecar sidecar = TestConfig.to(app).start()) {
      assertEquals(
          200, ask(sidecar, "x-envoy-retry-on: 5xx\r\nx-envoy-max-retries: 2\r\n").status());
      for (TestUpstream.Request request : app.all()) {
        assertFalse(
            request.head().toLowerCase(Locale.ROOT).contains("x-envoy-retry"), request.head());
        assertFalse(request.head().contains("x-envoy-max"), request.head());
      }
      assertEquals(1, sidecar.stat("cluster.app.upstream_rq_completed"));
      assertEquals(0, sidecar.stat("cluster.app.upstream_rq_5xx"));
      assertEquals(2, sidecar.stat("cluster.app.retry.upstream_rq_5xx"));
    }
  }

  @Test
  void statusCodesAreAddedToTheRoutes() throws Exception {
    try (TestUpstream app = failing(1, 404, "");
        TestSidecar sidecar =
            TestConfig.to(app)
                .route(
                    "retry_policy: {retry_on: retriable-status-codes, retriable_status_codes: [418], %s}"
                        .formatted(QUICK))
                .start()) {
      assertEquals(200, ask(sidecar, "x-envoy-retriable-status-codes: 404, x\r\n").status());
    }
  }

  @Test
  void headerNamesAreAddedToTheRoutes() throws Exception {
    try (TestUpstream app = failing(1, 400, "X-Again: 1\r\n");
        TestSidecar sidecar = TestConfig.to(app).start()) {
      assertEquals(
          200,
          ask(
                  sidecar,
                  "x-envoy-retry-on: retriable-headers\r\nx-envoy-retriable-header-names: x-again\r\n")
              .status());
    }
  }

  @Test
  void grpcConditions() throws Exception {
    try (TestUpstream app = failing(1, 200, "");
        TestSidecar sidecar = TestConfig.to(app).start()) {
      boolean[] first = {true};
      app.script((request, out) -> {
        String status = first[0] ? "14" : "0";
        first[0] = false;
        TestUpstream.write(
            out, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\ngrpc-status: " + status + "\r\n\r\n");
        return true;
      });
      assertEquals(
          "0", ask(sidecar, "x-envoy-retry-grpc-on: unavailable\r\n").field("grpc-status"));
    }
  }

  @Test
  void timeoutOfTheRequestAndItsOtherAnswer() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (TestUpstream app = hanging(over);
        TestSidecar sidecar = TestConfig.to(app).start()) {
      assertEquals(504, ask(sidecar, "x-envoy-upstream-rq-timeout-ms: 50\r\n").status());
      TestUpstream.Request seen = app.next();
      assertEquals("50", seen.field("x-envoy-expected-rq-timeout-ms"));
      assertEquals("", seen.field("x-envoy-upstream-rq-timeout-ms"));
      assertEquals(
          204,
          ask(
                  sidecar,
                  "x-envoy-upstream-rq-timeout-ms: 50\r\nx-envoy-upstream-rq-timeout-alt-response: 1\r\n")
              .status());
      over.countDown();
    }
  }

  @Test
  void timeOfTheStream() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (TestUpstream app = hanging(over);
        TestSidecar sidecar = TestConfig.to(app).start()) {
      RawClient.Response answer = ask(sidecar, "x-envoy-upstream-stream-duration-ms: 50\r\n");
      assertEquals(504, answer.status());
      assertEquals("max-stream-duration", answer.field("x-weir-cause"));
      assertEquals("", app.next().field("x-envoy-upstream-stream-duration-ms"));
      over.countDown();
    }
  }

  @Test
  void timeoutOfATryIsWhatTheServerIsTold() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (TestUpstream app = hanging(over);
        TestSidecar sidecar =
            TestConfig.to(app)
                .route(
                    "timeout: 2s\nretry_policy: {retry_on: connect-failure, per_try_timeout: 0.15s}")
                .start()) {
      assertEquals(504, ask(sidecar, "").status());
      assertEquals("150", app.next().field("x-envoy-expected-rq-timeout-ms"));
      assertEquals(504, ask(sidecar, "x-envoy-upstream-rq-per-try-timeout-ms: 60\r\n").status());
      assertEquals("60", app.next().field("x-envoy-expected-rq-timeout-ms"));
      over.countDown();
    }
  }

  private static TestUpstream hanging(CountDownLatch over) throws IOException {
    return TestUpstream.start((request, out) -> {
      try {
        over.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      return false;
    });
  }
}
