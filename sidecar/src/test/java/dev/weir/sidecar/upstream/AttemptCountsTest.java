package dev.weir.sidecar.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** What a call counts for while it is under way, and how its end is counted. */
class AttemptCountsTest {
  private static final String REMAINING = "app::default_priority::remaining_rq::";

  private static TestSidecar start(TestUpstream app) {
    return TestConfig.to(app)
        .cluster("circuit_breakers: {thresholds: [{track_remaining: true, max_requests: 5}]}")
        .start();
  }

  private static void expectNothingUnderWay(TestSidecar sidecar) throws Exception {
    assertEquals(0, sidecar.stat("cluster.app.upstream_rq_active"));
    try (RawClient admin = new RawClient(sidecar.adminPort())) {
      String page = admin.get("/clusters").body();
      assertTrue(page.contains(REMAINING + "5\n"), page);
    }
  }

  @Test
  void callIsCountedUntilItsEnd() throws Exception {
    Semaphore answers = new Semaphore(0);
    try (TestUpstream app =
            TestUpstream.start((request, out) -> {
              answers.acquireUninterruptibly();
              return TestUpstream.reply(out, 200, "ok");
            });
        TestSidecar sidecar = start(app);
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      app.next();
      assertEquals(1, sidecar.stat("cluster.app.upstream_rq_active"));
      answers.release();
      assertEquals(200, client.read(false).status());
      assertEquals(1, sidecar.stat("cluster.app.upstream_rq_total"));
      assertEquals(0, sidecar.stat("cluster.app.upstream_rq_tx_reset"));
      assertEquals(0, sidecar.stat("cluster.app.upstream_rq_rx_reset"));
      expectNothingUnderWay(sidecar);
    }
  }

  @Test
  void callThatIsGivenUpIsAResetOfOurs() throws Exception {
    Semaphore answers = new Semaphore(0);
    try (TestUpstream app =
            TestUpstream.start((request, out) -> {
              answers.acquireUninterruptibly();
              return false;
            });
        TestSidecar sidecar = start(app)) {
      RawClient client = new RawClient(sidecar.port());
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      app.next();
      client.close();
      Await.until(() -> sidecar.stat("cluster.app.upstream_rq_tx_reset") == 1);
      assertEquals(0, sidecar.stat("cluster.app.upstream_rq_rx_reset"));
      Await.until(() -> sidecar.stat("cluster.app.upstream_cx_active") == 0);
      expectNothingUnderWay(sidecar);
      answers.release();
    }
  }

  @Test
  void responseThatIsCutIsAResetOfTheirs() throws Exception {
    try (TestUpstream app =
            TestUpstream.start((request, out) -> {
              TestUpstream.write(out, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
              return false;
            });
        TestSidecar sidecar = start(app);
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      Await.until(() -> sidecar.stat("cluster.app.upstream_rq_rx_reset") == 1);
      assertEquals(0, sidecar.stat("cluster.app.upstream_rq_tx_reset"));
      expectNothingUnderWay(sidecar);
    }
  }
}
