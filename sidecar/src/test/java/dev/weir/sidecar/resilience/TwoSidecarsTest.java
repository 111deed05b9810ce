package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * The caller's sidecar reaches the callee's, always: what it does about a failure is what it would
 * do if it had met the app itself.
 */
class TwoSidecarsTest {
  private static final String QUICK = "retry_back_off: {base_interval: 0.001s}";
  private static final String NEVER_REACHED =
      "retry_on: \"connect-failure,refused-stream,reset-before-request\"";
  private static final String OTHER_HOST =
      "host_selection_retry_max_attempts: 5, retry_host_predicate: [{name: p, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate}}]";
  private static final String GET = "GET / HTTP/1.1\r\nHost: app\r\n\r\n";
  private static final String POST = "POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 2\r\n\r\nhi";

  private static final String OUTLIER =
      "outlier_detection: {consecutive_5xx: 3, base_ejection_time: 60s, max_ejection_percent: 50}";

  private static TestConfig caller(TestSidecar... callees) {
    int[] ports = new int[callees.length];
    for (int i = 0; i < ports.length; i++) {
      ports[i] = callees[i].port();
    }
    return TestConfig.to(ports);
  }

  private static String retry(String fields) {
    return "retry_policy: {%s, num_retries: 2, %s, %s}".formatted(fields, QUICK, OTHER_HOST);
  }

  private static TestUpstream resetting() throws IOException {
    return TestUpstream.start((request, out) -> false);
  }

  @Test
  void aPostThatNeverReachedTheAppIsTriedAtAnotherInstance() throws Exception {
    try (TestUpstream app = TestUpstream.replying("good");
        ClosedPort gone = new ClosedPort();
        TestSidecar withoutApp = TestConfig.to(gone.port()).start();
        TestSidecar withApp = TestConfig.to(app).start();
        TestSidecar sidecar =
            caller(withoutApp, withApp).route(retry("retry_on: connect-failure")).start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 6; i++) {
        assertEquals("good", client.send(POST).read(false).body());
      }
      assertTrue(sidecar.stat("cluster.app.upstream_rq_retry_success") > 0);
      assertEquals("hi", app.next().text());
    }
  }

  @Test
  void aRequestThatTheAppResetIsTriedAgainIfThePolicySaysReset() throws Exception {
    try (TestUpstream bad = resetting();
        TestUpstream app = TestUpstream.replying("good");
        TestSidecar besideBad = TestConfig.to(bad).start();
        TestSidecar besideApp = TestConfig.to(app).start();
        TestSidecar sidecar = caller(besideBad, besideApp).route(retry("retry_on: reset")).start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 6; i++) {
        assertEquals("good", client.send(POST).read(false).body());
      }
    }
  }

  /** It may have done what it was asked to. */
  @Test
  void aRequestThatTheAppResetIsNotTriedAgainByDefault() throws Exception {
    try (TestUpstream bad = resetting();
        TestSidecar besideBad = TestConfig.to(bad).start();
        TestSidecar sidecar = caller(besideBad).route(retry(NEVER_REACHED)).start();
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer = client.send(POST).read(false);
      assertEquals(503, answer.status());
      assertEquals("upstream-closed", answer.field("x-weir-cause"));
      assertEquals(1, bad.all().size());
    }
  }

  /** An app that closes each connection as the second request comes by it. */
  private static TestUpstream tiring() throws IOException {
    Set<OutputStream> served = ConcurrentHashMap.newKeySet();
    return TestUpstream.start(
        (request, out) -> served.add(out) && TestUpstream.reply(out, 200, "good"));
  }

  @Test
  void aRequestThatMetAClosingConnectionIsTriedAgainIfItMayBeSentTwice() throws Exception {
    try (TestUpstream app = tiring();
        TestSidecar besideApp = TestConfig.to(app).start();
        TestSidecar sidecar = caller(besideApp).route(retry(NEVER_REACHED)).start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 6; i++) {
        assertEquals("good", client.get("/").body());
      }
      RawClient.Response answer = client.send(POST).read(false);
      assertEquals("upstream-closed", answer.field("x-weir-cause"));
    }
  }

  /** An app that dies of a request is not to take all others with it. */
  @Test
  void aRequestThatClosesConnectionsIsTriedAgainOnce() throws Exception {
    AtomicInteger deaths = new AtomicInteger();
    try (TestUpstream first = dyingOf("/death", deaths);
        TestUpstream second = dyingOf("/death", deaths);
        TestUpstream third = dyingOf("/death", deaths);
        TestSidecar besideFirst = TestConfig.to(first).start();
        TestSidecar besideSecond = TestConfig.to(second).start();
        TestSidecar besideThird = TestConfig.to(third).start();
        TestSidecar sidecar =
            caller(besideFirst, besideSecond, besideThird).route(retry(NEVER_REACHED)).start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 12; i++) {
        assertEquals("good", client.get("/").body()); // each has a connection that is kept
      }
      assertEquals(503, client.get("/death").status());
      assertEquals(2, deaths.get());
    }
  }

  private static TestUpstream dyingOf(String path, AtomicInteger deaths) throws IOException {
    return TestUpstream.start((request, out) -> {
      if (request.head().startsWith("GET " + path + " ")) {
        deaths.incrementAndGet();
        return false;
      }
      return TestUpstream.reply(out, 200, "good");
    });
  }

  private static ServerSocket listening() throws IOException {
    return new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
  }

  /** As a listener that closes with connections that nobody had taken: they are reset. */
  private static void endUnread(ServerSocket app) throws IOException {
    try (Socket taken = app.accept()) {
      taken.getInputStream().read(); // the rest came with it
      app.close();
      taken.setSoLinger(true, 0); // Java's way of closing would be a FIN before
    }
  }

  @Test
  void aRequestThatAnEndingAppHadNotReadIsTriedAtAnotherInstance() throws Exception {
    try (ServerSocket ending = listening();
        TestUpstream app = TestUpstream.replying("good");
        TestSidecar besideEnding = TestConfig.to(ending.getLocalPort()).start();
        TestSidecar besideApp = TestConfig.to(app).start();
        TestSidecar sidecar = caller(besideEnding, besideApp).route(retry(NEVER_REACHED)).start();
        RawClient first = new RawClient(sidecar.port());
        RawClient second = new RawClient(sidecar.port())) {
      first.send(GET);
      second.send(GET); // one of the two meets the one that ends
      endUnread(ending);
      assertEquals("good", first.read(false).body());
      assertEquals("good", second.read(false).body());
      assertTrue(sidecar.stat("cluster.app.upstream_rq_retry_success") > 0);
    }
  }

  @Test
  void aPostThatAnEndingAppHadNotReadIsToldAsOneThatMayHaveReachedIt() throws Exception {
    try (ServerSocket ending = listening();
        TestSidecar sidecar = TestConfig.to(ending.getLocalPort()).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send(POST);
      endUnread(ending);
      assertEquals("upstream-closed", client.read(false).field("x-weir-cause"));
    }
  }

  /** The settings come first: RFC 9113 3.4. */
  @Test
  void whatAnAppEndsBeforeItsSettingsWasNotProcessed() throws Exception {
    try (ServerSocket ending = listening();
        TestSidecar sidecar = TestConfig.to(ending.getLocalPort()).http2Upstream().start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send(POST);
      try (Socket taken = ending.accept()) {
        readUntil(taken.getInputStream(), "hi");
      }
      assertEquals("refused-stream", client.read(false).field("x-weir-cause"));
    }
  }

  private static void readUntil(InputStream in, String end) throws IOException {
    StringBuilder read = new StringBuilder();
    while (read.indexOf(end) < 0) {
      int next = in.read();
      assertTrue(next >= 0, "ended before " + end);
      read.append((char) next);
    }
  }

  @Test
  void aRequestThatMetAClosingConnectionIsToldSoWithoutAPolicy() throws Exception {
    try (TestUpstream app = tiring();
        TestSidecar sidecar = TestConfig.to(app).start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals("good", client.get("/").body());
      assertEquals("stale-connection", client.get("/").field("x-weir-cause"));
    }
  }

  @Test
  void anAppThatResetsOpensItsCallersBreaker() throws Exception {
    try (TestUpstream bad = resetting();
        TestSidecar besideBad = TestConfig.to(bad).start();
        TestSidecar sidecar =
            caller(besideBad).breaker("consecutive_failures: 3, open_for: 60s").start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 3; i++) {
        assertEquals("upstream-closed", client.get("/").field("x-weir-cause"));
      }
      assertTrue(client.get("/").field("x-weir-cause").startsWith("breaker-open"));
      assertEquals(3, bad.all().size());
    }
  }

  @Test
  void anAppThatIsGoneOpensItsCallersBreaker() throws Exception {
    try (ClosedPort gone = new ClosedPort();
        TestSidecar withoutApp = TestConfig.to(gone.port()).start();
        TestSidecar sidecar =
            caller(withoutApp).breaker("consecutive_failures: 3, open_for: 60s").start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 3; i++) {
        assertEquals("connect-failure", client.get("/").field("x-weir-cause"));
      }
      assertTrue(client.get("/").field("x-weir-cause").startsWith("breaker-open"));
    }
  }

  @Test
  void aRefusalOfTheNextSidecarOpensNoBreaker() throws Exception {
    try (TestUpstream app = TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, ""));
        TestSidecar refusing =
            TestConfig.to(app).breaker("consecutive_failures: 1, open_for: 60s").start();
        TestSidecar sidecar =
            caller(refusing).breaker("consecutive_failures: 2, open_for: 60s").start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(500, client.get("/").status());
      for (int i = 0; i < 5; i++) {
        assertTrue(client.get("/").field("x-weir-cause").startsWith("breaker-open"));
      }
      assertEquals(0, sidecar.stat("cluster.app.weir_circuit_breaker.open"));
    }
  }

  @Test
  void aDeadAppsInstanceIsLeftOutForGrpcToo() throws Exception {
    String call =
        "POST /s/M HTTP/1.1\r\nHost: app\r\ncontent-type: application/grpc\r\ncontent-length: 0\r\n\r\n";
    try (TestUpstream app = TestUpstream.replying("good");
        ClosedPort gone = new ClosedPort();
        TestSidecar withoutApp = TestConfig.to(gone.port()).start();
        TestSidecar withApp = TestConfig.to(app).start();
        TestSidecar sidecar = caller(withoutApp, withApp).cluster(OUTLIER).start();
        RawClient client = new RawClient(sidecar.port())) {
      int failed = 0;
      for (int i = 0; i < 40; i++) {
        failed += client.send(call).read(false).head().contains("grpc-status") ? 1 : 0;
      }
      assertEquals(3, failed);
      assertEquals(1, sidecar.stat("cluster.app.outlier_detection.ejections_active"));
    }
  }

  @Test
  void aRefusalOfTheNextSidecarEjectsNobody() throws Exception {
    try (TestUpstream app = TestUpstream.start((request, out) -> TestUpstream.reply(out, 500, ""));
        TestUpstream good = TestUpstream.replying("good");
        TestSidecar refusing =
            TestConfig.to(app).breaker("consecutive_failures: 1, open_for: 60s").start();
        TestSidecar withGood = TestConfig.to(good).start();
        TestSidecar sidecar = caller(refusing, withGood).cluster(OUTLIER).start();
        RawClient direct = new RawClient(refusing.port());
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(500, direct.get("/").status());
      for (int i = 0; i < 20; i++) {
        client.get("/");
      }
      assertEquals(0, sidecar.stat("cluster.app.outlier_detection.ejections_active"));
    }
  }

  /** What the last attempt met says nothing of the one before it. */
  @Test
  void aRequestThatReachedTheAppOnceIsNotTakenForOneThatDidNot() throws Exception {
    try (TestUpstream bad = resetting();
        ClosedPort gone = new ClosedPort();
        TestSidecar between =
            TestConfig.to(bad.port(), gone.port())
                .route(retry("retry_on: \"reset,connect-failure\""))
                .start();
        TestSidecar sidecar = caller(between).route(retry("retry_on: connect-failure")).start();
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer = client.send(POST).read(false);
      assertEquals(503, answer.status());
      assertFalse(answer.field("x-weir-cause").startsWith("connect"), answer.head());
      int reached = bad.all().size();
      assertTrue(reached >= 1 && reached <= 3, () -> "of three tries: " + reached);
    }
  }

  @Test
  void anAttemptThatIsGivenUpEndsAtTheNextSidecarToo() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    try (TestUpstream slow =
            TestUpstream.start((request, out) -> {
              try {
                over.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              return false;
            });
        TestSidecar besideSlow = TestConfig.to(slow).start();
        TestSidecar sidecar = caller(besideSlow).route("timeout: 0.3s").start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(504, client.get("/").status());
      Await.until(() -> besideSlow.stat("http.in.downstream_rq_active") == 0);
      over.countDown();
    }
  }

  @Test
  void anAppThatBreaksTheProtocolIsA502AndAFailure() throws Exception {
    try (TestUpstream bad =
            TestUpstream.start((request, out) -> {
              TestUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n");
              return true;
            });
        TestSidecar besideBad = TestConfig.to(bad).start();
        TestSidecar sidecar =
            caller(besideBad).breaker("consecutive_failures: 1, open_for: 60s").start();
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response answer = client.get("/");
      assertEquals(502, answer.status());
      assertEquals("upstream-protocol-error", answer.field("x-weir-cause"));
      assertTrue(client.get("/").field("x-weir-cause").startsWith("breaker-open"));
    }
  }
}
