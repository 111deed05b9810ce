package dev.weir.sidecar.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.http.Protocol;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Server;
import dev.weir.testkit.TestUpstream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which pool of a host a request goes to, and what becomes of them when the host leaves. */
class PoolsTest {
  private static final String HTTP2 = "http2_protocol_options: {}";
  private static final String AUTO = protocol("auto_config: {}");
  private static final String AS_IT_CAME =
      protocol("use_downstream_protocol_config: {http2_protocol_options: {}}");

  @TempDir Path folder;

  private static String protocol(String fields) {
    return "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {\"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, "
        + fields
        + "}}";
  }

  /** How a request fails whose peer agrees on {@code agreed}. */
  private String failure(String agreed, String... yaml) throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools = PoolFixture.to(app.port(), yaml)) {
      PooledRequest request = pools.begin(Protocol.HTTP1);
      app.accept().agree(agreed);
      String end = request.end();
      assertEquals(0, pools.inUse().connections());
      return end;
    }
  }

  /** What a request that is served was served by, and what was offered for it. */
  private String served(String agreed, Protocol downstream, String... yaml) throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools = PoolFixture.to(app.port(), yaml)) {
      PooledRequest request = pools.begin(downstream);
      HandshakeServer.Attempt attempt = app.accept();
      attempt.agree(agreed);
      return request.protocol() + " of " + attempt.offered();
    }
  }

  @Test
  void protocolOfTheClusterIsOfferedByAlpn() throws Exception {
    String tls = PoolFixture.tls("");
    assertEquals("HTTP/1.1 of [http/1.1]", served("http/1.1", Protocol.HTTP2, tls));
    assertEquals("HTTP/1.1 of [http/1.1]", served("", Protocol.HTTP1, tls));
    assertEquals("HTTP/2 of [h2]", served("h2", Protocol.HTTP1, tls, HTTP2));
    assertEquals("HTTP/2 of [h2]", served("", Protocol.HTTP1, tls, HTTP2));
    assertEquals("HTTP/2 of [h2, http/1.1]", served("h2", Protocol.HTTP1, tls, AUTO));
    assertEquals("HTTP/2 of [h2]", served("h2", Protocol.HTTP2, tls, AS_IT_CAME));
    assertEquals("HTTP/1.1 of [http/1.1]", served("http/1.1", Protocol.HTTP1, tls, AS_IT_CAME));
  }

  @Test
  void configuredAlpnIsOfferedInItsPlaceWhereTheProtocolIsFixed() throws Exception {
    String tls = PoolFixture.tls("alpn_protocols: [istio]");
    assertEquals("HTTP/1.1 of [istio]", served("istio", Protocol.HTTP1, tls));
    assertEquals("HTTP/2 of [istio]", served("istio", Protocol.HTTP1, tls, HTTP2));
    assertEquals("HTTP/2 of [h2, http/1.1]", served("h2", Protocol.HTTP1, tls, AUTO));
  }

  @Test
  void peerThatWantsToSpeakTheOtherProtocolIsNotSpokenTo() throws Exception {
    String tls = PoolFixture.tls("alpn_protocols: [h2, http/1.1]");
    assertEquals("CONNECT_FAILURE TLS_error: the peer wants to speak \"h2\"", failure("h2", tls));
    assertEquals(
        "CONNECT_FAILURE TLS_error: the peer wants to speak \"http/1.1\"",
        failure("http/1.1", tls, HTTP2));
  }

  @Test
  void connectionsOfAHostThatLeftEndWithWhatIsUnderWay() throws Exception {
    try (RawHttp2Server app = new RawHttp2Server();
        PoolFixture pools = PoolFixture.to(app.port(), HTTP2)) {
      PooledRequest request = pools.begin(Protocol.HTTP1);
      try (RawHttp2Client connection = app.accept()) {
        int stream = connection.await(frame -> frame.type() == RawHttp2Client.HEADERS).stream();
        pools.remove();
        connection.headers(stream, true, ":status", "204").flush();
        assertEquals("204", request.end());
        assertTrue(connection.closed());
      }
    }
  }

  @Test
  void connectionsThatAlpnDecidedOnEndTooWhenTheirHostLeft() throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools = PoolFixture.to(app.port(), PoolFixture.tls(""), AUTO)) {
      pools.cancel(pools.begin(Protocol.HTTP1));
      var connection = app.accept().agree("h2");
      Await.until(() -> pools.stat("upstream_cx_active") == 1);
      pools.remove();
      connection.getInputStream().readAllBytes(); // to its end
    }
  }

  @Test
  void requestThatChoseAHostBeforeItLeftIsServedAndLeavesNoConnection() throws Exception {
    try (TestUpstream app = TestUpstream.replying("");
        PoolFixture pools = PoolFixture.to(app.port())) {
      pools.remove();
      assertEquals("200", pools.begin(Protocol.HTTP1).end());
      Await.until(() -> app.openConnections() == 0);
    }
  }
}
