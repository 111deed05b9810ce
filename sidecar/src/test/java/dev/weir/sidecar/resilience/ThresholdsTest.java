package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cluster's circuit breaker thresholds, which all loops share. */
class ThresholdsTest {
  private final Semaphore answers = new Semaphore(0);

  private TestUpstream holding() throws IOException {
    return TestUpstream.start((request, out) -> {
      answers.acquireUninterruptibly();
      return TestUpstream.reply(out, 200, "ok");
    });
  }

  private static String thresholds(String fields) {
    return "circuit_breakers: {thresholds: [{" + fields + "}]}";
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void requestsOverTheLimitAreRefusedWithTheirCause(int loops) throws Exception {
    try (TestUpstream upstream = holding();
        TestSidecar sidecar =
            TestConfig.to(upstream).cluster(thresholds("max_requests: 3")).start(loops)) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        clients.add(new RawClient(sidecar.port()).send("GET / HTTP/1.1\r\nHost: app\r\n\r\n"));
        upstream.next();
      }
      for (int i = 0; i < 2; i++) {
        try (RawClient client = new RawClient(sidecar.port())) {
          RawClient.Response answer = client.get("/");
          assertEquals(503, answer.status());
          assertEquals("max-requests", answer.field("x-weir-cause"));
          assertEquals("true", answer.field("x-envoy-overloaded"));
        }
      }
      assertEquals(2, sidecar.stat("cluster.app.upstream_rq_pending_overflow"));
      answers.release(9);
      for (RawClient client : clients) {
        assertEquals(200, client.read(false).status());
        assertEquals(200, client.get("/").status(), "a place that was left is free");
        client.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void requestsWaitForAConnectionUpToTheirLimit(int loops) throws Exception {
    try (TestUpstream upstream = holding();
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .cluster(thresholds("max_connections: 1, max_pending_requests: 2"))
                .start(loops)) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        clients.add(new RawClient(sidecar.port()).send("GET / HTTP/1.1\r\nHost: app\r\n\r\n"));
        if (i == 0) {
          upstream.next(); // until it has its connection it waits as well
        }
      }
      // One goes through for each loop: a pool with waiters and no connection may always open one.
      Await.until(() -> sidecar.stat("cluster.app.upstream_rq_pending_overflow") >= 8 - 2 - loops);
      assertTrue(upstream.connections() <= loops);
      answers.release(99);
      int served = 0;
      for (RawClient client : clients) {
        RawClient.Response answer = client.read(false);
        served += answer.status() == 200 ? 1 : 0;
        assertTrue(
            answer.status() == 200 || answer.field("x-weir-cause").equals("max-pending-requests"));
        client.close();
      }
      assertTrue(served >= 3 && served <= 2 + loops, served + " served");
    }
  }

  @Test
  void waitersBehindAConnectionThatFailsAreNotForgotten() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        TestSidecar sidecar =
            TestConfig.to(closed.port()).cluster(thresholds("max_connections: 1")).start()) {
      List<RawClient> clients = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        clients.add(new RawClient(sidecar.port()).send("GET / HTTP/1.1\r\nHost: app\r\n\r\n"));
      }
      for (RawClient client : clients) {
        assertEquals("connect-failure", client.read(false).field("x-weir-cause"));
        client.close();
      }
    }
  }
}
