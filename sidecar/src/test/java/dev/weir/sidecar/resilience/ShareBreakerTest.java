package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A breaker by failure rate, or by slow calls, in the path of requests. */
class ShareBreakerTest {
  private static final String OPEN = "cluster.app.weir_circuit_breaker.open";

  /** Slow is what takes over 20 ms. */
  private static final String SLOW =
      "slow_calls: {slower_than: 0.02s, share: 0.5, window: {duration: 60s}, at_least: 3},"
          + " open_for: 60s";

  private static void takeLongerThanThat() {
    long until = System.nanoTime() + 25_000_000;
    while (System.nanoTime() < until) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void halfOfTheCallsFailingOpensIt(int loops) throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (TestUpstream upstream =
            TestUpstream.start((request, out) ->
                TestUpstream.reply(out, calls.getAndIncrement() % 2 == 0 ? 200 : 500, ""));
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .breaker(
                    "failure_rate: {share: 0.5, window: {requests: 10}, at_least: 6},"
                        + " open_for: 60s")
                .start(loops)) {
      for (int i = 0; i < 6; i++) {
        assertEquals(i % 2 == 0 ? 200 : 500, once(sidecar).status());
      }
      assertRefused(once(sidecar));
      assertEquals(6, upstream.all().size(), "a refused request reaches nobody");
      assertEquals(1, sidecar.stat(OPEN));
    }
  }

  @Test
  void slowAnswersOpenIt() throws Exception {
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> {
              takeLongerThanThat();
              return TestUpstream.reply(out, 200, "at last");
            });
        TestSidecar sidecar = TestConfig.to(upstream).breaker(SLOW).start()) {
      for (int i = 0; i < 3; i++) {
        assertEquals("at last", once(sidecar).body());
      }
      assertRefused(once(sidecar));
      assertEquals(3, upstream.all().size());
    }
  }

  @Test
  void callersThatLeaveASlowServiceOpenItsBreaker() throws Exception {
    Semaphore slowNow = new Semaphore(0);
    Semaphore never = new Semaphore(0);
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> {
              takeLongerThanThat();
              slowNow.release();
              never.acquireUninterruptibly();
              return false;
            });
        TestSidecar sidecar = TestConfig.to(upstream).route("timeout: 0s").breaker(SLOW).start()) {
      for (int i = 0; i < 3; i++) {
        try (RawClient client = new RawClient(sidecar.port())) {
          client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
          slowNow.acquire();
        }
      }
      Await.until(() -> sidecar.stat(OPEN) == 1);
      assertRefused(once(sidecar));
      never.release(3);
    }
  }

  @Test
  void slowUploadIsNoSlowAnswer() throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .breaker(
                    "slow_calls: {slower_than: 1s, share: 0.01, window: {requests: 1}, at_least:"
                        + " 1}, open_for: 60s")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      long start = System.nanoTime();
      client.send("POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 2\r\n\r\na");
      Await.until(() -> System.nanoTime() - start > 1_200_000_000L);
      assertEquals("ok", client.send("b").read(false).body());
      assertEquals(200, once(sidecar).status());
      assertEquals(0, sidecar.stat(OPEN));
    }
  }

  private static void assertRefused(RawClient.Response answer) {
    assertEquals(503, answer.status());
    assertTrue(
        answer.field("x-weir-cause").startsWith("breaker-open;policy=\"shop/app\""), answer.head());
  }

  private static RawClient.Response once(TestSidecar sidecar) throws Exception {
    try (RawClient client = new RawClient(sidecar.port())) {
      return client.get("/");
    }
  }
}
