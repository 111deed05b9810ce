package dev.weir.sidecar.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.http.Protocol;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Server;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool of HTTP/2 connections: one serves all, as long as its peer lets it. */
class Http2PoolTest {
  private static final String REFUSED = "CONNECT_FAILURE connection_refused";
  private static final int MAX_CONCURRENT_STREAMS = 3;

  @TempDir Path folder;

  private static String connections(int most) {
    return "circuit_breakers: {thresholds: [{max_connections: " + most + "}]}";
  }

  /** A peer that takes one stream at a time. */
  private static RawHttp2Server single() throws IOException {
    return new RawHttp2Server(MAX_CONCURRENT_STREAMS, 1);
  }

  /** The next connection, once its client has taken the settings. */
  private static RawHttp2Client settled(RawHttp2Server app) throws IOException {
    RawHttp2Client connection = app.accept();
    connection.await(frame -> frame.type() == RawHttp2Client.SETTINGS && frame.flags() == 1);
    return connection;
  }

  private static int request(RawHttp2Client connection) throws IOException {
    return connection.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
  }

  private static void answer(RawHttp2Client connection, int stream) throws IOException {
    connection.headers(stream, true, ":status", "204").flush();
  }

  @Test
  void requestDoesNotWaitForThePeersSettings() throws Exception {
    try (RawHttp2Server app = new RawHttp2Server();
        PoolFixture pools = PoolFixture.to(app.port())) {
      assertEquals(Protocol.HTTP2, pools.begin(pools.http2()).protocol()); // it accepted nothing
    }
  }

  @Test
  void requestsShareTheConnectionAndDoNotWaitForIt() throws Exception {
    try (RawHttp2Server app = new RawHttp2Server();
        PoolFixture pools = PoolFixture.to(app.port())) {
      Http2Pool pool = pools.http2();
      List<PooledRequest> both = pools.beginTwo(pool);
      assertEquals(Protocol.HTTP2, both.getFirst().protocol());
      assertEquals(Protocol.HTTP2, both.getLast().protocol());
      PooledRequest third = pools.begin(pool);
      assertFalse(third.waits());
      assertEquals(1, pools.stat("upstream_cx_total"));
      assertEquals(2, pools.stat("upstream_rq_pending_total"));
    }
  }

  @Test
  void upgradeWaitsForThePeersSettingsAndOtherRequestsDoNot() throws Exception {
    try (RawHttp2Server app = new RawHttp2Server(RawHttp2Client.ENABLE_CONNECT_PROTOCOL, 1);
        PoolFixture pools = PoolFixture.to(app.port())) {
      Http2Pool pool = pools.http2();
      PooledRequest upgrade = pools.beginUpgrade(pool);
      PooledRequest plain = pools.begin(pool);
      assertEquals(Protocol.HTTP2, plain.protocol());
      PooledRequest later = pools.begin(pool);
      assertFalse(later.waits());
      PooledRequest other = pools.beginUpgrade(pool);
      assertTrue(upgrade.waits());
      assertTrue(other.waits());
      try (RawHttp2Client connection = app.accept()) {
        assertEquals(Protocol.HTTP2, upgrade.protocol());
        assertEquals(Protocol.HTTP2, other.protocol());
        for (int i = 0; i < 4; i++) {
          request(connection);
        }
      }
      assertEquals(1, pools.stat("upstream_cx_total"));
    }
  }

  @Test
  void requestOverThePeersStreamsWaitsBehindTheLimitOfConnections() throws Exception {
    try (RawHttp2Server app = single();
        PoolFixture pools = PoolFixture.to(app.port(), connections(1))) {
      Http2Pool pool = pools.http2();
      PooledRequest first = pools.begin(pool);
      try (RawHttp2Client connection = settled(app)) {
        assertEquals(0, pools.stat("upstream_cx_overflow"));
        PooledRequest cancelled = pools.begin(pool);
        PooledRequest second = pools.begin(pool);
        assertEquals(2, pools.stat("upstream_cx_overflow"));
        pools.cancel(cancelled);
        assertTrue(second.waits());
        assertEquals(1, pools.inUse().pending());
        answer(connection, request(connection));
        assertEquals("204", first.end());
        answer(connection, request(connection));
        assertEquals("204", second.end());
        assertTrue(cancelled.waits());
        assertEquals(1, pools.stat("upstream_cx_total"));
      }
    }
  }

  @Test
  void whoIsLeftWhenTheConnectionIsFullAgainGetsAnotherWhereThereIsRoom() throws Exception {
    try (RawHttp2Server app = single();
        PoolFixture pools = PoolFixture.to(app.port(), connections(1))) {
      Http2Pool pool = pools.http2();
      pools.begin(pool);
      try (RawHttp2Client connection = settled(app)) {
        PooledRequest second = pools.begin(pool);
        PooledRequest third = pools.begin(pool);
        pools.configure(connections(2));
        answer(connection, request(connection));
        assertEquals(Protocol.HTTP2, second.protocol());
        try (RawHttp2Client other = app.accept()) {
          answer(other, request(other));
          assertEquals("204", third.end());
        }
      }
    }
  }

  @Test
  void connectionThatCannotBeMadeLeavesWhoWaitsToTheOneThatIsThere() throws Exception {
    try (RawHttp2Server app = single();
        PoolFixture pools = PoolFixture.to(app.port())) {
      Http2Pool pool = pools.http2();
      PooledRequest first = pools.begin(pool);
      try (RawHttp2Client connection = settled(app)) {
        app.close();
        PooledRequest second = pools.begin(pool);
        Await.until(() -> pools.stat("upstream_cx_connect_fail") == 1);
        assertTrue(second.waits());
        answer(connection, request(connection));
        assertEquals("204", first.end());
        answer(connection, request(connection));
        assertEquals("204", second.end());
      }
    }
  }

  @Test
  void whereThereIsNoConnectionOneFailureIsThatOfAllWhoWait() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        PoolFixture pools = PoolFixture.to(closed.port())) {
      Http2Pool pool = pools.http2();
      List<PooledRequest> both = pools.beginTwo(pool);
      assertEquals(REFUSED, both.getFirst().end());
      assertEquals(REFUSED, both.getLast().end());
      assertEquals(1, pools.stat("upstream_cx_connect_fail"));
      assertEquals(0, pools.inUse().pending());
    }
  }

  @Test
  void whoWaitsAtAConnectionThatGoesAwayGetsAnotherEvenOverTheLimit() throws Exception {
    try (RawHttp2Server app = single();
        PoolFixture pools = PoolFixture.to(app.port(), connections(1))) {
      Http2Pool pool = pools.http2();
      PooledRequest first = pools.begin(pool);
      try (RawHttp2Client connection = settled(app)) {
        int stream = request(connection);
        PooledRequest second = pools.begin(pool);
        connection
            .frame(RawHttp2Client.GOAWAY, 0, 0, new byte[] {0, 0, 0, (byte) stream, 0, 0, 0, 0})
            .flush();
        try (RawHttp2Client other = app.accept()) {
          answer(other, request(other));
          assertEquals("204", second.end());
        }
        answer(connection, stream);
        assertEquals("204", first.end());
        assertTrue(connection.closed());
      }
    }
  }

  @Test
  void whoWaitsAtAConnectionThatBreaksGetsAnother() throws Exception {
    try (RawHttp2Server app = single();
        PoolFixture pools = PoolFixture.to(app.port(), connections(1))) {
      Http2Pool pool = pools.http2();
      PooledRequest first = pools.begin(pool);
      PooledRequest second;
      try (RawHttp2Client connection = settled(app)) {
        request(connection);
        second = pools.begin(pool);
      }
      assertEquals("CONNECTION_TERMINATION", first.end().split(" ", 2)[0]);
      try (RawHttp2Client other = app.accept()) {
        answer(other, request(other));
        assertEquals("204", second.end());
        assertEquals(1, pools.inUse().connections());
        assertEquals(1, pools.stat("upstream_cx_destroy"));
      }
    }
  }

  @Test
  void connectionThatIsUsedUpLeavesWhoWaitsToAnother() throws Exception {
    try (RawHttp2Server app = new RawHttp2Server();
        PoolFixture pools =
            PoolFixture.to(
                app.port(), "common_http_protocol_options: {max_requests_per_connection: 1}")) {
      Http2Pool pool = pools.http2();
      List<PooledRequest> both = pools.beginTwo(pool);
      try (RawHttp2Client first = app.accept();
          RawHttp2Client second = app.accept()) {
        answer(second, request(second));
        assertEquals("204", both.getLast().end());
        answer(first, request(first));
        assertEquals("204", both.getFirst().end());
        assertTrue(first.closed());
        assertTrue(second.closed());
      }
    }
  }

  @Test
  void drainedWithoutAConnectionItIsEmptyAtOnce() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        PoolFixture pools = PoolFixture.to(closed.port())) {
      pools.drain(pools.http2());
      assertTrue(pools.isEmptied());
    }
  }

  @Test
  void drainClosesAnIdleConnection() throws Exception {
    try (RawHttp2Server app = new RawHttp2Server();
        PoolFixture pools = PoolFixture.to(app.port())) {
      Http2Pool pool = pools.http2();
      PooledRequest request = pools.begin(pool);
      try (RawHttp2Client connection = app.accept()) {
        answer(connection, request(connection));
        assertEquals("204", request.end());
        pools.drain(pool);
        assertTrue(connection.closed());
        Await.until(pools::isEmptied);
      }
    }
  }

  @Test
  void drainLetsTheStreamsUnderWayEnd() throws Exception {
    try (RawHttp2Server app = new RawHttp2Server();
        PoolFixture pools = PoolFixture.to(app.port())) {
      Http2Pool pool = pools.http2();
      PooledRequest request = pools.begin(pool);
      try (RawHttp2Client connection = app.accept()) {
        int stream = request(connection);
        pools.drain(pool);
        assertFalse(pools.isEmptied());
        answer(connection, stream);
        assertEquals("204", request.end());
        assertTrue(connection.closed());
        Await.until(pools::isEmptied);
      }
    }
  }

  @Test
  void drainedPoolServesWhoComesLateAndClosesBehindIt() throws Exception {
    try (RawHttp2Server app = new RawHttp2Server();
        PoolFixture pools = PoolFixture.to(app.port())) {
      Http2Pool pool = pools.http2();
      pools.drain(pool);
      PooledRequest request = pools.begin(pool);
      try (RawHttp2Client connection = app.accept()) {
        answer(connection, request(connection));
        assertEquals("204", request.end());
        assertTrue(connection.closed());
      }
    }
  }

  @Test
  void connectionThatIsMadeForNobodyWhileItDrainsCloses() throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools = PoolFixture.to(app.port(), PoolFixture.tls(""))) {
      Http2Pool pool = pools.http2();
      PooledRequest request = pools.begin(pool);
      HandshakeServer.Attempt attempt = app.accept();
      pools.cancel(request);
      pools.drain(pool);
      assertFalse(pools.isEmptied());
      attempt.agree("h2").getInputStream().readAllBytes(); // to its end
      Await.until(pools::isEmptied);
    }
  }

  @Test
  void connectionThatCannotBeMadeIsTheEndOfADrainedPool() throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools = PoolFixture.to(app.port(), PoolFixture.tls(""))) {
      Http2Pool pool = pools.http2();
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
