package dev.weir.sidecar.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.http.Protocol;
import dev.weir.testkit.Await;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pool whose peer says by ALPN what it speaks. */
class AlpnPoolTest {
  @TempDir Path folder;

  private HandshakeServer app;
  private PoolFixture pools;
  private AlpnPool pool;

  @BeforeEach
  void start() throws IOException {
    app = new HandshakeServer(folder);
    pools = PoolFixture.to(app.port(), PoolFixture.tls("alpn_protocols: [istio]"));
    pool = pools.alpn();
  }

  @AfterEach
  void stop() throws IOException {
    pools.close();
    app.close();
  }

  @Test
  void peerThatSpeaksHttp2IsAskedInIt() throws Exception {
    PooledRequest request = pools.begin(pool);
    HandshakeServer.Attempt attempt = app.accept();
    attempt.agree("h2");
    assertEquals(List.of("h2", "http/1.1"), attempt.offered());
    assertEquals(Protocol.HTTP2, request.protocol());
    assertEquals(Protocol.HTTP2, pools.begin(pool).protocol());
    assertEquals(1, pools.stat("upstream_cx_total"));
  }

  @Test
  void whoWaitsForAPeerThatSpeaksHttp1GoesOverToThat() throws Exception {
    PooledRequest first = pools.begin(pool);
    PooledRequest second = pools.begin(pool);
    assertEquals(-1, app.accept().agree("http/1.1").getInputStream().read(), "closed");
    HandshakeServer.Attempt one = app.accept();
    HandshakeServer.Attempt other = app.accept();
    one.agree("http/1.1");
    other.agree("");
    assertEquals(List.of("http/1.1"), one.offered());
    assertEquals(Protocol.HTTP1, first.protocol());
    assertEquals(Protocol.HTTP1, second.protocol());
    assertEquals(2, pools.inUse().connections());
  }

  @Test
  void peerThatSpeaksSomethingElseCanBeReached() throws Exception {
    pools.host().unreachable(System.nanoTime());
    PooledRequest request = pools.begin(pool);
    app.accept().agree("http/1.1");
    HandshakeServer.Attempt next = app.accept();
    assertFalse(pools.host().unreachableAt(System.nanoTime()));
    next.agree("http/1.1");
    assertEquals(Protocol.HTTP1, request.protocol());
  }

  @Test
  void peerThatSpokeHttp1IsAskedForHttp2AgainWhenNoConnectionIsLeft() throws Exception {
    PooledRequest first = pools.begin(pool);
    app.accept().agree("http/1.1");
    HandshakeServer.Attempt spoken = app.accept();
    spoken.agree("http/1.1");
    assertEquals(Protocol.HTTP1, first.protocol());
    PooledRequest second = pools.begin(pool);
    HandshakeServer.Attempt still = app.accept();
    still.agree("http/1.1");
    assertEquals(List.of("http/1.1"), still.offered());
    assertEquals(Protocol.HTTP1, second.protocol());
    spoken.close();
    still.close();
    Await.until(() -> pools.stat("upstream_cx_destroy") == 2);
    PooledRequest third = pools.begin(pool);
    HandshakeServer.Attempt anew = app.accept();
    anew.agree("h2");
    assertEquals(List.of("h2", "http/1.1"), anew.offered());
    assertEquals(Protocol.HTTP2, third.protocol());
  }

  @Test
  void requestThatIsCancelledIsNotServed() throws Exception {
    PooledRequest cancelled = pools.begin(pool);
    PooledRequest other = pools.begin(pool);
    pools.cancel(cancelled);
    app.accept().agree("h2");
    assertEquals(Protocol.HTTP2, other.protocol());
    assertTrue(cancelled.waits());
  }

  @Test
  void drainClosesAConnectionOfHttp2() throws Exception {
    PooledRequest nobody = pools.begin(pool);
    pools.cancel(nobody);
    var connection = app.accept().agree("h2");
    Await.until(() -> pools.stat("upstream_cx_active") == 1);
    pools.drain(pool);
    connection.getInputStream().readAllBytes(); // to its end
    Await.until(pools::isEmptied);
  }

  @Test
  void drainLetsARequestOfHttp1End() throws Exception {
    PooledRequest request = pools.begin(pool);
    app.accept().agree("http/1.1");
    HandshakeServer.Attempt connection = app.accept();
    var stream = connection.agree("http/1.1");
    assertEquals(Protocol.HTTP1, request.protocol());
    pools.drain(pool);
    assertFalse(pools.isEmptied());
    stream.getOutputStream().write("HTTP/1.1 204 X\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    assertEquals("204", request.end());
    stream.getInputStream().readAllBytes(); // to its end
    Await.until(pools::isEmptied);
  }

  @Test
  void peerThatSpeaksSomethingElseIsTheEndOfADrainedPoolWhereNobodyWaits() throws Exception {
    PooledRequest request = pools.begin(pool);
    HandshakeServer.Attempt attempt = app.accept();
    pools.cancel(request);
    pools.drain(pool);
    assertFalse(pools.isEmptied());
    attempt.agree("http/1.1");
    Await.until(pools::isEmptied);
    assertEquals(0, pools.inUse().connections());
  }
}
