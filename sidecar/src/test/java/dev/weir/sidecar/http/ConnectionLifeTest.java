package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Server;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How long connections live, and how a peer that is gone is noticed. */
@Tag("slow")
class ConnectionLifeTest {
  private static final String KEEPALIVE =
      "http2_protocol_options: {connection_keepalive: {interval: 0.05s, timeout: %ss}}";

  /** After a refusal that ends it, what the client still sends is read away for a time. */
  @Test
  void aConnectionWaitsForItsClientAsLongAsItIsTo() throws Exception {
    String malformed = "GET / HTTP/1.1\r\nno field\r\n\r\n";
    try (TestUpstream upstream = TestUpstream.replying("ok");
        TestSidecar patient =
            TestConfig.to(upstream).manager("delayed_close_timeout: 3600s").start();
        TestSidecar hasty = TestConfig.to(upstream).manager("delayed_close_timeout: 0s").start();
        RawClient kept = new RawClient(patient.port());
        RawClient refused = new RawClient(hasty.port())) {
      assertEquals(400, kept.send(malformed).read(false).status());
      assertEquals(400, refused.send(malformed).read(false).status());
      Await.until(() -> {
        try {
          kept.send("x");
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        try {
          refused.send("x");
          return false;
        } catch (IOException reset) {
          return true;
        }
      });
    }
  }

  @Test
  void clientsConnectionEndsAtItsMaximumAge() throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .manager("common_http_protocol_options: {max_connection_duration: 1s}")
                .start();
        RawClient http1 = new RawClient(sidecar.port())) {
      assertEquals("ok", http1.get("/").body());
      RawHttp2Client http2 = new RawHttp2Client(sidecar.port());
      assertEquals(200, http2.get(1, "/").flush().status(1));
      http2.await(RawHttp2Client.GOAWAY, 0);
      assertTrue(http2.closed());
      http2.close();
      assertTrue(http1.closedWithin(5000));
    }
  }

  @Test
  void requestUnderWayOutlivesItsConnectionsMaximumAge() throws Exception {
    try (RawHttp2Server upstream = new RawHttp2Server();
        TestSidecar sidecar =
            TestConfig.to(upstream.port())
                .http2Upstream()
                .manager("common_http_protocol_options: {max_connection_duration: 0.1s}")
                .start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.get(1, "/").flush();
      try (RawHttp2Client server = upstream.accept()) {
        server.await(frame -> frame.type() == RawHttp2Client.HEADERS);
        client.await(RawHttp2Client.GOAWAY, 0);
        server.headers(1, true, ":status", "200").flush();
        server.headers(3, true, ":status", "200").flush();
        assertEquals(200, client.status(1));
      }
    }
  }

  @Test
  void upstreamConnectionIsReplacedAtItsMaximumAge() throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("ok");
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .cluster(
                    """
                    typed_extension_protocol_options:
                      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                        common_http_protocol_options: {max_connection_duration: 0.05s}
                        explicit_http_config: {http_protocol_options: {}}\
                    """)
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      Await.until(() -> {
        try {
          assertEquals("ok", client.get("/").body());
        } catch (IOException e) {
          throw new AssertionError(e);
        }
        return upstream.connections() >= 2;
      });
    }
  }

  @Test
  void clientThatAnswersNoPingIsGone() throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("ok");
        TestSidecar sidecar = TestConfig.to(upstream).manager(KEEPALIVE.formatted("0.05")).start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.ignorePings().await(RawHttp2Client.PING, 0);
      assertTrue(client.closed());
    }
  }

  @Test
  void clientThatAnswersItsPingsStays() throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("ok");
        TestSidecar sidecar = TestConfig.to(upstream).manager(KEEPALIVE.formatted("5")).start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      answerPings(client, 4);
      assertEquals(200, client.get(1, "/").flush().status(1));
    }
  }

  @Test
  void upstreamThatAnswersNoPingIsGoneWithItsRequests() throws Exception {
    try (RawHttp2Server upstream = new RawHttp2Server();
        TestSidecar sidecar =
            TestConfig.to(upstream.port()).cluster(KEEPALIVE.formatted("0.05")).start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      try (RawHttp2Client server = upstream.accept()) {
        RawClient.Response answer = client.read(false);
        assertEquals(503, answer.status());
        assertEquals("upstream-closed", answer.field("x-weir-cause"));
        assertTrue(server.ignorePings().closed());
      }
    }
  }

  @Test
  void connectionAtItsMaximumAgeSaysSoBeforeItCloses() throws Exception {
    CountDownLatch aged = new CountDownLatch(1);
    try (TestUpstream upstream =
            TestUpstream.start((request, out) -> {
              TestUpstream.write(
                  out, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n");
              try {
                aged.await();
              } catch (InterruptedException e) {
                throw new IOException(e);
              }
              TestUpstream.write(out, "1\r\nb\r\n0\r\n\r\n");
              return true;
            });
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .manager("common_http_protocol_options: {max_connection_duration: 0.1s}")
                .start();
        RawClient client = new RawClient(sidecar.port())) {
      client.send("GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      upstream.next();
      Await.until(() -> sidecar.stat("http.in.downstream_cx_max_duration_reached") == 1);
      aged.countDown();
      assertEquals("ab", client.read(false).body());
      RawClient.Response last = client.get("/");
      assertEquals("ab", last.body());
      assertEquals("close", last.field("connection"));
    }
  }

  @Test
  void idleHttp2ConnectionSaysGoAwayBeforeItCloses() throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("x");
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .manager("common_http_protocol_options: {idle_timeout: 0.1s}")
                .start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      assertEquals(200, client.get(1, "/").flush().status(1));
      client.await(RawHttp2Client.GOAWAY, 0);
      assertTrue(client.closed());
    }
  }

  @Test
  void withoutIdleTimeoutAConnectionOutlivesTheDeadlinesOfItsStreams() throws Exception {
    try (TestUpstream upstream = TestUpstream.replying("x");
        TestSidecar sidecar =
            TestConfig.to(upstream)
                .manager(
                    KEEPALIVE.formatted("5")
                        + "\nstream_idle_timeout: 0.1s\ncommon_http_protocol_options: {idle_timeout: 0s}")
                .start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      assertEquals(200, client.get(1, "/").flush().status(1));
      answerPings(client, 6); // the clock: one in 0.05 s
      assertEquals(200, client.get(3, "/").flush().status(3));
    }
  }

  private static void answerPings(RawHttp2Client client, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      client.await(RawHttp2Client.PING, 0);
    }
  }
}
