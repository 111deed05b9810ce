package dev.weir.sidecar.xds;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestControlPlane;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.Semaphore;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A policy file is edited: the real control plane compiles and streams it, and within a second the
 * sidecar's open connections, of HTTP/1.1 and of HTTP/2, are held to it.
 */
class PolicyChangeTest {
  private static final String ADMITTED = "bulkhead.shop/inventory:8080.rq_admitted";

  @TempDir private Path folder;
  private TestUpstream app;

  /** The app takes both protocols, and so does what stands before it here. */
  private TestSidecar door;

  private TestControlPlane controlPlane;
  private TestSidecar sidecar;

  @BeforeEach
  void start() throws IOException {
    app = TestUpstream.replying("ok");
    door = TestConfig.to(app).start();
    controlPlane = new TestControlPlane(folder, door.port());
    sidecar = TestSidecar.start(controlPlane.bootstrap(), 2);
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    controlPlane.close();
    door.close();
    app.close();
  }

  /** One open connection of each protocol to a listener. */
  private final class Open implements AutoCloseable {
    private final RawClient http1;
    private final RawHttp2Client http2;
    private int stream = -1;

    Open(String listener) throws IOException {
      Await.until(() -> sidecar.sidecar().addresses().containsKey(listener));
      http1 = new RawClient(sidecar.port(listener));
      http2 = new RawHttp2Client(sidecar.port(listener));
    }

    int http1() {
      try {
        return http1.get("/").status();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** As the refusal of a breaker says it. */
    long retryAfterMillis() {
      try {
        String cause = http1.get("/").field("x-weir-cause");
        String refusal = "breaker-open;policy=\"shop/inventory\";retry-after-ms=";
        assertTrue(cause.startsWith(refusal), cause);
        return Long.parseLong(cause.substring(refusal.length()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    int http2() {
      try {
        stream += 2;
        return http2.get(stream, "/").flush().status(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      http1.close();
      http2.close();
    }
  }

  @Test
  void limitThatIsEditedHoldsOnOpenConnections() throws Exception {
    try (Open open = new Open("in")) {
      Await.until(() -> open.http1() == 200);
      assertEquals(200, open.http2());

      controlPlane.policy(
          "RateLimitPolicy", "limits: [{name: all, scope: Replica, rate: 1/h, burst: 1}]");
      Await.until(() -> open.http1() == 429 && open.http2() == 429);

      controlPlane.policy(
          "RateLimitPolicy", "limits: [{name: all, scope: Replica, rate: 1000/s, burst: 1000}]");
      Await.until(() -> open.http1() == 200 && open.http2() == 200);
      assertEquals(2, sidecar.stat("http.in.downstream_cx_total"), "the same connections");
    }
  }

  @Test
  void concurrencyThatIsEditedKeepsThoseAtWork() throws Exception {
    Semaphore done = new Semaphore(0);
    app.script((request, out) -> {
      if (request.line().contains("/slow")) {
        done.acquireUninterruptibly();
      }
      return TestUpstream.reply(out, 200, "ok");
    });
    try (Open open = new Open("in");
        RawClient slow = new RawClient(sidecar.port("in"))) {
      controlPlane.policy("ResiliencePolicy", "concurrency: {maxRequests: 1}");
      Await.until(() -> open.http1() == 200 && sidecar.stat(ADMITTED) > 0);
      long before = sidecar.stat(ADMITTED);
      slow.send("GET /slow HTTP/1.1\r\nHost: app\r\n\r\n");
      Await.until(() -> sidecar.stat(ADMITTED) > before);
      assertEquals(503, open.http1());
      assertEquals(503, open.http2());

      controlPlane.policy("ResiliencePolicy", "concurrency: {maxRequests: 2}");
      Await.until(() -> open.http1() == 200 && open.http2() == 200);

      controlPlane.policy("ResiliencePolicy", "concurrency: {maxRequests: 1}");
      Await.until(() -> open.http1() == 503 && open.http2() == 503);
      done.release();
      assertEquals(200, slow.read(false).status());
      Await.until(() -> open.http1() == 200);
    }
  }

  @Test
  void retriesThatAreEditedHoldOnOpenConnections() throws Exception {
    try (Open open = new Open("out")) {
      Await.until(() -> open.http1() == 200);
      app.script((request, out) -> TestUpstream.reply(out, 503, "no"));
      assertEquals(1, attempts(open::http1));
      assertEquals(1, attempts(open::http2));

      controlPlane.policy("ResiliencePolicy", "retry: {attempts: 1, codes: [503]}");
      Await.until(() -> attempts(open::http1) == 2 && attempts(open::http2) == 2);

      controlPlane.policy("ResiliencePolicy", "timeouts: {request: 5s}");
      Await.until(() -> attempts(open::http1) == 1 && attempts(open::http2) == 1);
      assertEquals(2, sidecar.stat("http.out.downstream_cx_total"), "the same connections");
    }
  }

  @Test
  void breakerThatIsEditedKeepsItsStateOnOpenConnections() throws Exception {
    try (Open open = new Open("out")) {
      Await.until(() -> open.http1() == 200);
      app.script((request, out) -> TestUpstream.reply(out, 500, "no"));
      breaker("failureRate: {share: \"50%\", window: {requests: 10}, atLeast: 4}", "60s");
      Await.until(() -> open.http1() == 503 && open.http2() == 503);

      breaker("slowCalls: {slowerThan: 10s, share: \"50%\"}", "40s");
      Await.until(() -> open.retryAfterMillis() <= 40_000);
      assertEquals(503, open.http1(), "what is open stays open");
      assertEquals(503, open.http2());

      app.script((request, out) -> TestUpstream.reply(out, 200, "ok"));
      breaker("slowCalls: {slowerThan: 10s, share: \"50%\"}", "1ms");
      Await.until(() -> open.http1() == 200 && open.http2() == 200);
      assertEquals(2, sidecar.stat("http.out.downstream_cx_total"), "the same connections");
    }
  }

  private void breaker(String trip, String openFor) throws IOException {
    controlPlane.policy(
        "ResiliencePolicy",
        "circuitBreaker: {trip: {%s}, openFor: %s, probes: 1}".formatted(trip, openFor));
  }

  /** How often the app sees one request. */
  private int attempts(IntSupplier request) {
    int before = app.all().size();
    assertEquals(503, request.getAsInt());
    return app.all().size() - before;
  }
}
