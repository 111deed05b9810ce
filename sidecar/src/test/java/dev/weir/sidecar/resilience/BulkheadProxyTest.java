package dev.weir.sidecar.resilience;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The app answers a request for each permit that the test gives it. */
class BulkheadProxyTest {
  private static final String TYPE = "weir.extensions.filters.http.bulkhead.v1alpha1.Bulkhead";
  private static final String SLOT = "GET /slow HTTP/1.1\r\nHost: app\r\n\r\n";

  private final Semaphore answers = new Semaphore(0);
  private TestUpstream app;

  @BeforeEach
  void start() throws IOException {
    app =
        TestUpstream.start((request, out) -> {
          if (request.line().contains("/slow")) {
            answers.acquireUninterruptibly();
          }
          return TestUpstream.reply(out, 200, request.line());
        });
  }

  @AfterEach
  void stop() throws IOException {
    answers.release(1000);
    app.close();
  }

  private static TestConfig with(TestUpstream app, String fields) {
    return TestConfig.to(app)
        .filter("weir.filters.http.bulkhead", TYPE, "scope: app, policy: shop/app, " + fields);
  }

  private static RawClient slotTaken(TestSidecar sidecar) throws IOException {
    long before = sidecar.stat("bulkhead.app.rq_active");
    RawClient client = new RawClient(sidecar.port());
    client.send(SLOT);
    Await.until(() -> sidecar.stat("bulkhead.app.rq_active") == before + 1);
    return client;
  }

  private static RawClient waiting(TestSidecar sidecar, String path) throws IOException {
    long before = sidecar.stat("bulkhead.app.rq_waiting");
    RawClient client = new RawClient(sidecar.port());
    client.send("GET " + path + " HTTP/1.1\r\nHost: app\r\n\r\n");
    Await.until(() -> sidecar.stat("bulkhead.app.rq_waiting") == before + 1);
    return client;
  }

  @Test
  void oneRequestTooManyIsRefusedAndSaysWhy() throws Exception {
    try (TestSidecar sidecar = with(app, "max_requests: 2").start(2);
        RawClient one = slotTaken(sidecar);
        RawClient two = slotTaken(sidecar);
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response refused = client.get("/");
      assertEquals(503, refused.status());
      assertTrue(
          refused.field("x-weir-cause").startsWith("bulkhead-full;policy=\"shop/app\""),
          refused.head());
      assertEquals("1", refused.field("retry-after"));
      assertEquals(1, sidecar.stat("bulkhead.app.rq_refused"));
      answers.release(1);
      Await.until(() -> sidecar.stat("bulkhead.app.rq_active") == 1);
      assertEquals(200, client.get("/").status());
    }
  }

  /** The head alone is no end: the app still works on the rest. */
  @Test
  void aSlotIsHeldToTheEndOfTheResponse() throws Exception {
    Semaphore rest = new Semaphore(0);
    app.script((request, out) -> {
      TestUpstream.write(out, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na");
      rest.acquireUninterruptibly();
      TestUpstream.write(out, "b");
      return true;
    });
    try (TestSidecar sidecar = with(app, "max_requests: 1").start();
        RawClient slow = slotTaken(sidecar);
        RawClient client = new RawClient(sidecar.port())) {
      Await.until(() -> sidecar.stat("cluster.app.upstream_rq_2xx") == 1);
      assertEquals(503, client.get("/").status());
      rest.release(2);
      assertEquals("ab", slow.read(false).body());
      Await.until(() -> sidecar.stat("bulkhead.app.rq_active") == 0);
      assertEquals(200, client.get("/").status());
    }
  }

  @Test
  void thoseWhoWaitAreServedInTheirOrder() throws Exception {
    for (String order : new String[] {"FIFO", "LIFO"}) {
      String queue = "max_requests: 1, queue: {length: 2, wait: 60s, order: %s}".formatted(order);
      try (TestSidecar sidecar = with(app, queue).start(2);
          RawClient first = slotTaken(sidecar);
          RawClient old = waiting(sidecar, "/slow/old");
          RawClient young = waiting(sidecar, "/slow/young");
          RawClient late = new RawClient(sidecar.port())) {
        assertEquals(503, late.get("/").status(), "the queue is full");
        app.take();
        answers.release(1);
        assertEquals(200, first.read(false).status());
        String next = order.equals("FIFO") ? "old" : "young";
        assertTrue(app.next().line().contains(next), order);
        answers.release(2);
        assertEquals(200, old.read(false).status());
        assertEquals(200, young.read(false).status());
        assertEquals(0, sidecar.stat("bulkhead.app.rq_waiting"));
      }
    }
  }

  @Test
  void aWaitHasAnEnd() throws Exception {
    try (TestSidecar sidecar =
            with(app, "max_requests: 1, queue: {length: 5, wait: 0.05s}").start();
        RawClient slow = slotTaken(sidecar);
        RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response refused = client.get("/");
      assertEquals(503, refused.status());
      assertTrue(refused.field("x-weir-cause").startsWith("bulkhead-full"), refused.head());
      assertEquals(0, sidecar.stat("bulkhead.app.rq_waiting"));
    }
  }

  @Test
  void aClientThatIsGoneLeavesTheQueue() throws Exception {
    try (TestSidecar sidecar = with(app, "max_requests: 1, queue: {length: 1, wait: 60s}").start();
        RawClient slow = slotTaken(sidecar)) {
      waiting(sidecar, "/gone").close();
      Await.until(() -> sidecar.stat("bulkhead.app.rq_waiting") == 0);
      try (RawClient next = waiting(sidecar, "/next")) {
        answers.release(1);
        assertTrue(next.read(false).body().contains("/next"));
      }
      assertTrue(app.all().stream().noneMatch(request -> request.line().contains("/gone")));
    }
  }

  @Test
  void excludedRequestsTakeNoSlotAndNeedNone() throws Exception {
    try (TestSidecar sidecar =
            with(app, "max_requests: 1, exclude: [{route: {path: /healthz}, method: GET}]")
                .start();
        RawClient slow = slotTaken(sidecar);
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, client.get("/healthz").status());
      assertEquals(503, client.get("/other").status());
      assertEquals(1, sidecar.stat("bulkhead.app.rq_admitted"));
    }
  }

  @Test
  void shadowCountsAndAdmits() throws Exception {
    try (TestSidecar sidecar = with(app, "max_requests: 1, shadow: true").start();
        RawClient slow = slotTaken(sidecar);
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, client.get("/").status());
      assertEquals(1, sidecar.stat("bulkhead.app.shadow_rq_refused"));
      assertEquals(0, sidecar.stat("bulkhead.app.rq_refused"));
    }
  }

  /** Whatever the policy's conditions are: nobody has worked on the request yet. */
  @Test
  void theCallerTriesAnotherInstanceAndBlamesNobody() throws Exception {
    String retry =
        "retry_policy: {retry_on: gateway-error, num_retries: 1, retry_back_off: {base_interval: 0.001s}}";
    String outlier =
        "outlier_detection: {consecutive_5xx: 1, base_ejection_time: 60s, max_ejection_percent: 100}";
    try (TestUpstream free = TestUpstream.replying("free");
        TestSidecar full = with(app, "max_requests: 1").start();
        TestSidecar other = with(free, "max_requests: 1").start();
        TestSidecar caller =
            TestConfig.to(full.port(), other.port()).route(retry).cluster(outlier).start();
        RawClient slow = slotTaken(full);
        RawClient client = new RawClient(caller.port())) {
      for (int i = 0; i < 6; i++) {
        assertEquals(
            "free",
            client
                .send("POST / HTTP/1.1\r\nHost: app\r\ncontent-length: 2\r\n\r\nhi")
                .read(false)
                .body());
      }
      assertTrue(full.stat("bulkhead.app.rq_refused") > 0);
      assertEquals(0, caller.stat("cluster.app.outlier_detection.ejections_active"));
    }
  }

  @Test
  void aRefusalReachesTheClientIfThereIsNoOtherInstance() throws Exception {
    try (TestSidecar full = with(app, "max_requests: 1").start();
        TestSidecar caller =
            TestConfig.to(full.port())
                .breaker("consecutive_failures: 1, open_for: 60s")
                .route("retry_policy: {retry_on: 5xx, num_retries: 3}")
                .start();
        RawClient slow = slotTaken(full);
        RawClient client = new RawClient(caller.port())) {
      for (int i = 0; i < 3; i++) {
        RawClient.Response refused = client.get("/");
        assertTrue(refused.field("x-weir-cause").startsWith("bulkhead-full"), refused.head());
      }
      assertEquals(3, full.stat("bulkhead.app.rq_refused"), "each was tried once");
    }
  }
}
