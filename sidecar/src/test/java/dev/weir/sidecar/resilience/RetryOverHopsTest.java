package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** A failure is tried again by the hop that is nearest to it, and by no other. */
class RetryOverHopsTest {
  private static final String RETRY =
      "retry_policy: {retry_on: 5xx, num_retries: 2, retry_back_off: {base_interval: 0.001s}}";
  private static final int HOPS = 4;

  private static TestConfig hop(int port) {
    return TestConfig.to(port)
        .route(RETRY)
        .retryBudget("share: 0.2, over: 10s, at_least_per_second: 3");
  }

  @Test
  void fourHopsMakeOfRequestsNoMoreThanTheBudgetOfOneAllows() throws Exception {
    int requests = 200;
    try (TestUpstream leaf = TestUpstream.start((in, out) -> TestUpstream.reply(out, 503, "no"))) {
      Deque<TestSidecar> chain = new ArrayDeque<>();
      try {
        int port = leaf.port();
        for (int i = 0; i < HOPS; i++) {
          chain.push(hop(port).start());
          port = chain.peek().port();
        }
        try (RawClient client = new RawClient(port)) {
          for (int i = 0; i < requests; i++) {
            RawClient.Response response = client.get("/");
            assertEquals(503, response.status());
          }
        }
      } finally {
        chain.forEach(TestSidecar::close);
      }
      int seen = leaf.all().size();
      // The floor gives 3 tokens a second on top, and this takes a second or two.
      assertTrue(seen <= requests * 1.2 + 10, () -> seen + " at the leaf of " + requests);
    }
  }

  @Test
  void whoHasTriedSaysSoAndIsBelieved() throws Exception {
    try (TestUpstream leaf = TestUpstream.start((in, out) -> TestUpstream.reply(out, 503, "no"));
        TestSidecar near = TestConfig.to(leaf).route(RETRY).start();
        TestSidecar far = TestConfig.to(near.port()).route(RETRY).start();
        RawClient client = new RawClient(far.port())) {
      RawClient.Response response = client.get("/");
      assertEquals(503, response.status());
      assertEquals("stop", response.field("x-weir-retry"));
      assertEquals(3, leaf.all().size());
      assertEquals(0, far.stat("cluster.app.upstream_rq_retry"));
    }
  }

  @Test
  void aRetryThatSucceedsIsNobodysConcern() throws Exception {
    int[] calls = {0};
    try (TestUpstream leaf =
            TestUpstream.start(
                (in, out) -> TestUpstream.reply(out, calls[0]++ == 0 ? 503 : 200, "x"));
        TestSidecar near = TestConfig.to(leaf).route(RETRY).start();
        RawClient client = new RawClient(near.port())) {
      RawClient.Response response = client.get("/");
      assertEquals(200, response.status());
      assertEquals("", response.field("x-weir-retry"));
    }
  }

  @Test
  void whatReachedNobodyIsTriedElsewhereWithoutTheBudget() throws Exception {
    try (ClosedPort gone = new ClosedPort();
        ClosedPort goneToo = new ClosedPort();
        TestUpstream app = TestUpstream.replying("good");
        TestSidecar sidecar =
            TestConfig.to(gone.port(), goneToo.port(), app.port())
                .route("retry_policy: {retry_on: connect-failure, num_retries: 1}")
                .retryBudget("share: 0, over: 10s, at_least_per_second: 0")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 30; i++) {
        RawClient.Response response =
            client.send("POST / HTTP/1.1\r\nhost: app\r\ncontent-length: 2\r\n\r\nhi").read(false);
        assertEquals("good", response.body(), response::head);
      }
      assertEquals(30, app.all().size());
      // A host that could not be reached is avoided: not each request finds out anew.
      assertTrue(sidecar.stat("cluster.app.upstream_cx_connect_fail") < 20);
    }
  }

  @Test
  void theLastTrysOwnFailureIsToldWhenTheBreakerOpensByIt() throws Exception {
    try (TestUpstream bad = TestUpstream.start((request, out) -> false);
        TestSidecar sidecar =
            TestConfig.to(bad)
                .route("retry_policy: {retry_on: reset, num_retries: 5}")
                .breaker("consecutive_failures: 2, open_for: 60s")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals("upstream-closed", client.get("/").field("x-weir-cause"));
      assertTrue(client.get("/").field("x-weir-cause").startsWith("breaker-open"));
      assertEquals(2, bad.all().size());
    }
  }

  @Test
  void aResponseThatIsCutOpensTheBreaker() throws Exception {
    try (TestUpstream bad =
            TestUpstream.start((request, out) -> {
              TestUpstream.write(out, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc");
              return false;
            });
        TestSidecar sidecar =
            TestConfig.to(bad).breaker("consecutive_failures: 4, open_for: 60s").start()) {
      for (int i = 0; i < 4; i++) {
        cut(sidecar);
      }
      try (RawClient client = new RawClient(sidecar.port())) {
        assertTrue(client.get("/").field("x-weir-cause").startsWith("breaker-open"));
      }
      assertEquals(4, bad.all().size());
    }
  }

  private static void cut(TestSidecar sidecar) throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      String seen = client.send("GET / HTTP/1.1\r\nhost: app\r\n\r\n").rest();
      assertTrue(seen.startsWith("HTTP/1.1 200 OK") && seen.endsWith("abc"), seen);
    }
  }

  @Test
  void allWhoWaitForAHostThatCannotBeReachedAreToldTogether() throws Exception {
    try (ClosedPort gone = new ClosedPort();
        TestSidecar sidecar =
            TestConfig.to(gone.port())
                .cluster("circuit_breakers: {thresholds: [{max_connections: 1}]}")
                .start();
        RawClient first = new RawClient(sidecar.port());
        RawClient second = new RawClient(sidecar.port())) {
      first.send("GET / HTTP/1.1\r\nhost: app\r\n\r\n");
      second.send("GET / HTTP/1.1\r\nhost: app\r\n\r\n");
      assertEquals("connect-failure", first.read(false).field("x-weir-cause"));
      assertEquals("connect-failure", second.read(false).field("x-weir-cause"));
    }
  }
}
