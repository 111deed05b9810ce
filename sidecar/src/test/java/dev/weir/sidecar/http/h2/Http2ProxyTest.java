package dev.weir.sidecar.http.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Client.Frame;
import dev.weir.testkit.RawHttp2Server;
import dev.weir.testkit.TestUpstream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** HTTP/2 through the whole sidecar, frame by frame. */
class Http2ProxyTest {
  private static Frame request(RawHttp2Client server) throws Exception {
    return server.await(frame -> frame.type() == RawHttp2Client.HEADERS);
  }

  @Test
  void upstreamThatAnswersBeforeTheRequestEndsHasItsStreamReset() throws Exception {
    try (RawHttp2Server upstream = new RawHttp2Server();
        TestSidecar sidecar = TestConfig.to(upstream.port()).http2Upstream().start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 100\r\n\r\nhalf");
      try (RawHttp2Client server = upstream.accept()) {
        int stream = request(server).stream();
        server.headers(stream, true, ":status", "413").flush();
        assertEquals(413, client.read(false).status());
        server.await(RawHttp2Client.RST_STREAM, stream);
        assertEquals(0, sidecar.stat("cluster.app.upstream_rq_active"));
      }
    }
  }

  @Test
  void bodyThatBreaksItsLengthIsNotPassedOnAsWhole() throws Exception {
    try (RawHttp2Server upstream = new RawHttp2Server();
        TestSidecar sidecar = TestConfig.to(upstream.port()).http2Upstream().start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      try (RawHttp2Client server = upstream.accept()) {
        int stream = request(server).stream();
        server
            .headers(stream, false, ":status", "200", "content-length", "3")
            .data(stream, true, "abcHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .flush();
        server.await(RawHttp2Client.RST_STREAM, stream);
        assertThrows(java.io.IOException.class, () -> readWhole(client));
      }
    }
  }

  private static void readWhole(RawClient client) throws java.io.IOException {
    RawClient.Response response = client.read(false);
    if (response.status() != 200 || response.body().length() < 3) {
      throw new java.io.IOException("not whole: " + response);
    }
  }

  @Test
  void streamsThatGoAwayLeavesUnprocessedFailAndTheNextGoElsewhere() throws Exception {
    try (RawHttp2Server upstream = new RawHttp2Server();
        TestSidecar sidecar = TestConfig.to(upstream.port()).http2Upstream().start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.get(1, "/a").flush();
      try (RawHttp2Client first = upstream.accept()) {
        int stream = request(first).stream();
        client.get(3, "/b").flush();
        request(first);
        // Only the first stream was taken on.
        first.frame(RawHttp2Client.GOAWAY, 0, 0, new byte[] {0, 0, 0, (byte) stream, 0, 0, 0, 0});
        first.flush();
        assertEquals(503, client.status(3));
        client.get(5, "/c").flush();
        try (RawHttp2Client second = upstream.accept()) {
          second.headers(request(second).stream(), true, ":status", "204").flush();
          assertEquals(204, client.status(5));
        }
        first.headers(stream, true, ":status", "200").flush();
        assertEquals(200, client.status(1));
      }
    }
  }

  @Test
  void drainSaysGoAwayFinishesStreamsAndCloses() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> {
              try {
                answer.await();
              } catch (InterruptedException e) {
                throw new java.io.IOException(e);
              }
              return TestUpstream.reply(out, 200, "ok");
            });
        TestSidecar sidecar = TestConfig.to(upstream).start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.get(1, "/").flush();
      upstream.next();
      Thread draining = Thread.ofVirtual().start(sidecar::drain);
      client.await(RawHttp2Client.GOAWAY, 0);
      answer.countDown();
      assertEquals(200, client.status(1));
      assertTrue(client.closed());
      draining.join();
    }
  }

  @Test
  void connectionThatItsClientClosesIsClosed() throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("ok");
        TestSidecar sidecar = TestConfig.to(upstream).start()) {
      try (RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
        assertEquals(200, client.get(1, "/").flush().status(1));
        client.await(Frame::endStream);
      }
      Await.until(() -> sidecar.stat("http.in.downstream_cx_active") == 0);
    }
  }

  @Test
  void connectionIsReplacedAfterItsNumberOfRequests() throws Exception {
    try (RawHttp2Server upstream = new RawHttp2Server();
        TestSidecar sidecar =
            TestConfig.to(upstream.port())
                .http2Upstream()
                .cluster("common_http_protocol_options: {max_requests_per_connection: 2}")
                .start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.get(1, "/").flush();
      try (RawHttp2Client first = upstream.accept()) {
        int one = request(first).stream();
        client.get(3, "/").flush();
        int two = request(first).stream();
        client.get(5, "/").flush();
        try (RawHttp2Client second = upstream.accept()) {
          second.headers(request(second).stream(), true, ":status", "204").flush();
          assertEquals(204, client.status(5));
          first.headers(one, true, ":status", "204").headers(two, true, ":status", "204").flush();
          assertEquals(204, client.status(1));
          assertEquals(204, client.status(3));
          assertTrue(first.closed());
        }
      }
    }
  }

  @Test
  void resetsBehindAnInterimResponseCountAsGivenUp() throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("x");
        TestSidecar sidecar = TestConfig.to(upstream).start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      for (int stream = 1; stream < 4000; stream += 2) {
        client
            .headers(
                stream,
                false,
                ":method",
                "POST",
                ":scheme",
                "http",
                ":authority",
                "app",
                ":path",
                "/",
                "expect",
                "100-continue")
            .reset(stream);
      }
      client.frame(RawHttp2Client.PING, 0, 0, new byte[8]).flush();
      Frame answer =
          client.await(frame ->
              frame.type() == RawHttp2Client.GOAWAY || frame.type() == RawHttp2Client.PING);
      assertEquals(RawHttp2Client.GOAWAY, answer.type());
    }
  }

  @Test
  void responseThatTheClientOpensNoWindowForIsGivenUp() throws Exception {
    int initialWindowSize = 4;
    try (TestUpstream upstream = TestUpstream.replying("x".repeat(500));
        TestSidecar sidecar = TestConfig.to(upstream).manager("stream_idle_timeout: 0.2s").start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port(), initialWindowSize, 0)) {
      client.get(1, "/").flush();
      assertEquals(200, client.status(1));
      client.await(RawHttp2Client.RST_STREAM, 1);
    }
  }

  @Test
  void bodyThatCameBeforeTheConnectionIsSentWholeOverAFullOne() throws Exception {
    try (RawHttp2Server upstream = new RawHttp2Server();
        TestSidecar sidecar =
            TestConfig.to(upstream.port())
                .http2Upstream()
                .cluster("per_connection_buffer_limit_bytes: 1024")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send(
          "POST / HTTP/1.1\r\nHost: app\r\nx-long: "
              + "~".repeat(4000)
              + "\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n");
      try (RawHttp2Client server = upstream.accept()) {
        request(server);
        client.send("5\r\nworld\r\n0\r\n\r\n");
        StringBuilder body = new StringBuilder();
        Frame frame;
        do {
          frame = server.await(each -> each.type() == RawHttp2Client.DATA);
          body.append(frame.text());
        } while (!frame.endStream());
        assertEquals("helloworld", body.toString());
      }
    }
  }

  @Test
  void bodyAndTrailersThatWaitForAWindowComeInOrderAndTogether() throws Exception {
    int initialWindowSize = 4;
    try (RawHttp2Server upstream = new RawHttp2Server();
        TestSidecar sidecar = TestConfig.to(upstream.port()).http2Upstream().start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port(), initialWindowSize, 0)) {
      client.get(1, "/").flush();
      try (RawHttp2Client server = upstream.accept()) {
        int stream = request(server).stream();
        server
            .headers(stream, false, ":status", "200")
            .data(stream, false, "one")
            .data(stream, false, "")
            .data(stream, false, "two")
            .data(stream, false, "three")
            .headers(stream, true, "x-end", "yes")
            .flush();
        assertEquals(200, client.status(1));
        Await.until(() -> sidecar.stat("cluster.app.upstream_rq_active") == 0);
        client.window(1, 4).flush();
        assertEquals("onet", client.await(RawHttp2Client.DATA, 1).text());
        client.window(1, 100).flush();
        Frame rest = client.await(RawHttp2Client.DATA, 1);
        assertEquals("wothree", rest.text());
        assertFalse(rest.endStream());
        Frame trailers = client.await(RawHttp2Client.HEADERS, 1);
        assertEquals("yes", String.valueOf(trailers.headers().get("x-end")));
        assertTrue(trailers.endStream());
      }
    }
  }

  @Test
  void bodyThatWaitsForAWindowEndsWithItsStream() throws Exception {
    int initialWindowSize = 4;
    try (TestUpstream upstream = TestUpstream.replying("x".repeat(500));
        TestSidecar sidecar = TestConfig.to(upstream).start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port(), initialWindowSize, 0)) {
      client.get(1, "/").flush();
      assertEquals(200, client.status(1));
      client.reset(1).get(3, "/").window(3, 1000).flush();
      assertEquals(200, client.status(3));
      assertEquals(500, client.await(RawHttp2Client.DATA, 3).payload().length);
    }
  }

  /** RFC 9113 6.9.2: only a WINDOW_UPDATE makes it wider than 65,535 bytes. */
  @Test
  void connectionsWindowIsAsWideAsAStreams() throws Exception {
    try (RawHttp2Server upstream = new RawHttp2Server();
        TestSidecar sidecar = TestConfig.to(upstream.port()).http2Upstream().start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.get(1, "/").flush();
      try (RawHttp2Client server = upstream.accept()) {
        for (RawHttp2Client peer : List.of(client, server)) {
          byte[] more = peer.await(RawHttp2Client.WINDOW_UPDATE, 0).payload();
          assertEquals((1 << 20) - 65_535, ByteBuffer.wrap(more).getInt());
        }
      }
    }
  }
}
