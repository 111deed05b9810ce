package dev.weir.sidecar.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.http.Protocol;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool of HTTP/1.1 connections: who waits for which, and how it ends. */
class Http1PoolTest {
  private static final String REFUSED = "CONNECT_FAILURE connection_refused";
  private final Semaphore answers = new Semaphore(0);

  @TempDir Path folder;

  private TestUpstream holding() throws IOException {
    return TestUpstream.start((request, out) -> {
      answers.acquireUninterruptibly();
      return TestUpstream.reply(out, 200, "");
    });
  }

  private static String connections(int most) {
    return "circuit_breakers: {thresholds: [{max_connections: " + most + "}]}";
  }

  private static String options(String fields) {
    return "common_http_protocol_options: {" + fields + "}";
  }

  @Test
  void requestBehindTheLimitOfConnectionsWaitsForTheOneThatIsThere() throws Exception {
    try (TestUpstream app = holding();
        PoolFixture pools = PoolFixture.to(app.port(), connections(1))) {
      Http1Pool pool = pools.http1();
      PooledRequest first = pools.begin(pool);
      app.next();
      assertEquals(0, pools.stat("upstream_cx_overflow"));
      PooledRequest second = pools.begin(pool);
      assertTrue(second.waits());
      assertEquals(1, pools.stat("upstream_cx_overflow"));
      assertEquals(2, pools.stat("upstream_rq_pending_total"));
      answers.release(2);
      assertEquals("200", first.end());
      assertEquals("200", second.end());
      assertEquals(1, app.connections());
    }
  }

  @Test
  void connectionThatIsUsedUpClosesAndWhoWaitsGetsAnother() throws Exception {
    try (TestUpstream app = TestUpstream.replying("");
        PoolFixture pools =
            PoolFixture.to(app.port(), connections(1), options("max_requests_per_connection: 1"))) {
      Http1Pool pool = pools.http1();
      PooledRequest first = pools.begin(pool);
      PooledRequest second = pools.begin(pool);
      assertEquals("200", first.end());
      assertEquals("200", second.end());
      assertEquals(2, app.connections());
      Await.until(() -> app.openConnections() == 0);
    }
  }

  @Test
  void connectionThatIsIdleStaysWithoutAnIdleTimeout() throws Exception {
    try (TestUpstream app = TestUpstream.replying("");
        PoolFixture pools = PoolFixture.to(app.port(), options("idle_timeout: 0s"))) {
      Http1Pool pool = pools.http1();
      for (int i = 0; i < 20; i++) {
        assertEquals("200", pools.begin(pool).end());
      }
      assertEquals(1, app.connections());
    }
  }

  @Test
  void connectionAtItsMaximumAgeEndsWithTheRequestUnderWay() throws Exception {
    try (TestUpstream app = holding();
        PoolFixture pools = PoolFixture.to(app.port(), options("max_connection_duration: 0.05s"))) {
      PooledRequest request = pools.begin(pools.http1());
      Await.until(() -> pools.stat("upstream_cx_max_duration_reached") == 1);
      assertEquals(1, app.openConnections());
      answers.release();
      assertEquals("200", request.end());
      Await.until(() -> app.openConnections() == 0);
    }
  }

  @Test
  void whereNothingIsOnItsWayOneFailureIsThatOfAllWhoWait() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        PoolFixture pools = PoolFixture.to(closed.port(), connections(1))) {
      Http1Pool pool = pools.http1();
      List<PooledRequest> both = pools.beginTwo(pool);
      assertEquals(REFUSED, both.getFirst().end());
      assertEquals(REFUSED, both.getLast().end());
      assertEquals(1, pools.stat("upstream_cx_connect_fail"));
      assertEquals(0, pools.inUse().pending());
      assertTrue(pools.host().unreachableAt(System.nanoTime()));
    }
  }

  @Test
  void connectionThatIsMadeShowsThatTheHostCanBeReached() throws Exception {
    try (TestUpstream app = TestUpstream.replying("");
        PoolFixture pools = PoolFixture.to(app.port())) {
      long now = System.nanoTime();
      pools.host().unreachable(now);
      assertEquals("200", pools.begin(pools.http1()).end());
      assertFalse(pools.host().unreachableAt(now));
    }
  }

  @Test
  void failureIsThatOfOneRequestWhileAnotherConnectionIsOnItsWay() throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools = PoolFixture.to(app.port(), PoolFixture.tls(""))) {
      Http1Pool pool = pools.http1();
      PooledRequest first = pools.begin(pool);
      PooledRequest second = pools.begin(pool);
      HandshakeServer.Attempt fails = app.accept();
      HandshakeServer.Attempt works = app.accept();
      fails.close();
      assertTrue(first.end().startsWith("CONNECT_FAILURE"), first.end());
      assertTrue(second.waits());
      works.agree("http/1.1").close();
      assertEquals(Protocol.HTTP1, second.protocol());
    }
  }

  @Test
  void failureOfAConnectionThatNobodyNeedsAnyMoreIsNobodys() throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools = PoolFixture.to(app.port(), PoolFixture.tls(""))) {
      Http1Pool pool = pools.http1();
      PooledRequest cancelled = pools.begin(pool);
      HandshakeServer.Attempt first = app.accept();
      PooledRequest other = pools.begin(pool);
      HandshakeServer.Attempt second = app.accept();
      pools.cancel(cancelled);
      first.close();
      Await.until(() -> pools.stat("upstream_cx_connect_fail") == 1);
      assertTrue(other.waits());
      second.agree("http/1.1").close();
      assertEquals(Protocol.HTTP1, other.protocol());
    }
  }

  @Test
  void whoWaitsBehindTheLimitGetsThePlaceOfAConnectionThatFailed() throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools = PoolFixture.to(app.port(), connections(2), PoolFixture.tls(""))) {
      Http1Pool pool = pools.http1();
      PooledRequest busy = pools.begin(pool);
      app.accept().agree("http/1.1");
      assertEquals(Protocol.HTTP1, busy.protocol());
      PooledRequest next = pools.begin(pool);
      PooledRequest last = pools.begin(pool);
      app.accept().close();
      assertTrue(next.end().startsWith("CONNECT_FAILURE"), next.end());
      assertTrue(last.waits());
      app.accept().agree("http/1.1");
      assertEquals(Protocol.HTTP1, last.protocol());
    }
  }

  @Test
  void drainedWithoutAConnectionItIsEmptyAtOnce() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        PoolFixture pools = PoolFixture.to(closed.port())) {
      pools.drain(pools.http1());
      assertTrue(pools.isEmptied());
    }
  }

  @Test
  void drainClosesTheIdleConnectionAndLetsTheBusyOneEnd() throws Exception {
    try (TestUpstream app = holding();
        PoolFixture pools = PoolFixture.to(app.port())) {
      Http1Pool pool = pools.http1();
      PooledRequest first = pools.begin(pool);
      PooledRequest busy = pools.begin(pool);
      app.next();
      app.next();
      answers.release();
      Await.until(() -> first.hasEnded() || busy.hasEnded());
      PooledRequest under = first.hasEnded() ? busy : first;
      pools.drain(pool);
      Await.until(() -> app.openConnections() == 1);
      assertFalse(under.hasEnded());
      assertFalse(pools.isEmptied());
      answers.release();
      assertEquals("200", under.end());
      Await.until(pools::isEmptied);
      assertEquals(2, pools.stat("upstream_cx_destroy"));
    }
  }

  @Test
  void drainedPoolServesWhoComesLateAndClosesBehindIt() throws Exception {
    try (TestUpstream app = TestUpstream.replying("");
        PoolFixture pools = PoolFixture.to(app.port())) {
      Http1Pool pool = pools.http1();
      pools.drain(pool);
      assertEquals("200", pools.begin(pool).end());
      Await.until(() -> pools.stat("upstream_cx_destroy") == 1);
    }
  }

  @Test
  void connectionThatIsMadeForNobodyWhileItDrainsCloses() throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools = PoolFixture.to(app.port(), PoolFixture.tls(""))) {
      Http1Pool pool = pools.http1();
      PooledRequest request = pools.begin(pool);
      HandshakeServer.Attempt attempt = app.accept();
      pools.cancel(request);
      pools.drain(pool);
      assertFalse(pools.isEmptied());
      assertEquals(-1, attempt.agree("http/1.1").getInputStream().read());
      Await.until(pools::isEmptied);
    }
  }

  @Test
  void connectionThatCannotBeMadeIsTheEndOfADrainedPool() throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools = PoolFixture.to(app.port(), PoolFixture.tls(""))) {
      Http1Pool pool = pools.http1();
      PooledRequest request = pools.begin(pool);
      HandshakeServer.Attempt attempt = app.accept();
      pools.drain(pool);
      assertFalse(pools.isEmptied());
      attempt.close();
      assertTrue(request.end().startsWith("CONNECT_FAILURE"), request.end());
      Await.until(pools::isEmptied);
    }
  }
}
