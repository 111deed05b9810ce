package dev.weir.sidecar.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** Places among a cluster's connections and waiting requests, and how long a connection lives. */
class PlacesTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: app\r\n\r\n";
  private final Semaphore answers = new Semaphore(0);

  private TestUpstream holding() throws IOException {
    return TestUpstream.start((request, out) -> {
      answers.acquireUninterruptibly();
      return TestUpstream.reply(out, 200, "ok");
    });
  }

  private static String thresholds(String fields) {
    return "circuit_breakers: {thresholds: [{track_remaining: true, " + fields + "}]}";
  }

  /** What is left of a bound: {@code cx}, {@code pending}, {@code rq}. */
  private static long remaining(TestSidecar sidecar, String kind) {
    String start = "app::default_priority::remaining_" + kind + "::";
    try (RawClient admin = new RawClient(sidecar.adminPort())) {
      return admin
          .get("/clusters")
          .body()
          .lines()
          .filter(line -> line.startsWith(start))
          .mapToLong(line -> Long.parseLong(line.substring(start.length())))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void waiterThatIsCancelledLeavesItsPlaceAndIsNotServed() throws Exception {
    try (TestUpstream app = holding();
        TestSidecar sidecar =
            TestConfig.to(app)
                .cluster(thresholds("max_connections: 1, max_pending_requests: 1"))
                .start();
        RawClient first = new RawClient(sidecar.port())) {
      first.send(GET);
      app.next();
      RawClient cancelled = new RawClient(sidecar.port()).send(GET);
      Await.until(() -> remaining(sidecar, "pending") == 0);
      cancelled.close();
      Await.until(() -> remaining(sidecar, "pending") == 1);
      try (RawClient next = new RawClient(sidecar.port()).send(GET)) {
        Await.until(() -> remaining(sidecar, "pending") == 0);
        answers.release(2);
        assertEquals(200, first.read(false).status());
        assertEquals(200, next.read(false).status());
      }
      assertEquals(1, app.take().size(), "the cancelled one was not sent");
      assertEquals(1, app.connections());
      assertEquals(1, remaining(sidecar, "pending"));
    }
  }

  @Test
  void connectionThatCannotBeMadeLeavesItsPlace() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        TestSidecar sidecar =
            TestConfig.to(closed.port()).cluster(thresholds("max_connections: 5")).start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 3; i++) {
        assertEquals("connect-failure", client.get("/").field("x-weir-cause"));
      }
      assertEquals(5, remaining(sidecar, "cx"));
      assertEquals(3, sidecar.stat("cluster.app.upstream_cx_connect_fail"));
      assertEquals(0, sidecar.stat("cluster.app.upstream_cx_active"));
    }
  }

  @Test
  void connectionHasItsPlaceUntilItCloses() throws Exception {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestConfig.to(app)
                .cluster(thresholds("max_connections: 5"))
                .cluster("common_http_protocol_options: {idle_timeout: 0.2s}")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      assertEquals(200, client.get("/").status());
      assertEquals(1, sidecar.stat("cluster.app.upstream_cx_total"));
      Await.until(() -> sidecar.stat("cluster.app.upstream_cx_destroy") == 1); // it was idle
      assertEquals(0, sidecar.stat("cluster.app.upstream_cx_active"));
      Await.until(() -> remaining(sidecar, "cx") == 5);
      assertEquals(200, client.get("/").status());
      assertEquals(2, app.connections());
    }
  }

  @Test
  void http1ConnectionServesAsManyRequestsAsItMay() throws Exception {
    try (TestUpstream app = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestConfig.to(app)
                .cluster("common_http_protocol_options: {max_requests_per_connection: 2}")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      for (int i = 0; i < 5; i++) {
        assertEquals(200, client.get("/").status());
      }
      List<Integer> connections =
          app.take().stream().map(TestUpstream.Request::connection).toList();
      int first = connections.getFirst();
      assertEquals(List.of(first, first, first + 1, first + 1, first + 2), connections);
    }
  }

  @Test
  void lastUsedConnectionIsUsedFirst() throws Exception {
    Semaphore later = new Semaphore(0);
    try (TestUpstream app =
            TestUpstream.start((request, out) -> {
              (request.line().contains("/later") ? later : answers).acquireUninterruptibly();
              return TestUpstream.reply(out, 200, "ok");
            });
        TestSidecar sidecar = TestConfig.to(app).start();
        RawClient one = new RawClient(sidecar.port());
        RawClient two = new RawClient(sidecar.port())) {
      one.send(GET);
      int first = app.next().connection();
      two.send("GET /later HTTP/1.1\r\nHost: app\r\n\r\n");
      int second = app.next().connection();
      answers.release();
      one.read(false);
      later.release();
      two.read(false);
      answers.release(2);
      one.get("/");
      assertEquals(second, app.next().connection());
      assertNotEquals(first, second);
    }
  }
}
