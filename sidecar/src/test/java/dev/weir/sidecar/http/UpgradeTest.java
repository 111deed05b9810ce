package dev.weir.sidecar.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawHttp2Client;
import dev.weir.testkit.RawHttp2Server;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Connections that become something else: {@code Upgrade}, and RFC 8441's extended CONNECT. */
class UpgradeTest {
  private static final String WEBSOCKET = "upgrade_configs: [{upgrade_type: websocket}]";
  private static final String ASK =
      lines(
          "GET /chat HTTP/1.1",
          "Host: app",
          "Connection: keep-alive, Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "Sec-WebSocket-Version: 13");
  private static final String AGREE =
      lines(
          "HTTP/1.1 101 Switching Protocols",
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");

  private ServerSocket app;

  @BeforeEach
  void listen() throws IOException {
    app = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    app.setSoTimeout(5000);
  }

  @AfterEach
  void close() throws IOException {
    app.close();
  }

  private static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  private Socket accept() throws IOException {
    Socket socket = app.accept();
    socket.setSoTimeout(5000);
    return socket;
  }

  private static Socket client(TestSidecar sidecar) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), sidecar.port());
    socket.setSoTimeout(5000);
    return socket;
  }

  private static void say(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String hear(Socket from, int bytes) throws IOException {
    return new String(from.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
  }

  private static String head(Socket from) throws IOException {
    InputStream in = from.getInputStream();
    StringBuilder head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int b = in.read();
      assertTrue(b >= 0, () -> "ended after " + head);
      head.append((char) b);
    }
    return head.toString();
  }

  /** What follows a 101 is no body, whatever its head says. */
  @Test
  void whatFramesABodyIsTakenOutOfThe101() throws Exception {
    String agree =
        AGREE.replace(
            "Upgrade: websocket\r\n",
            "Upgrade: websocket\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n");
    try (TestSidecar sidecar = TestConfig.to(app.getLocalPort()).manager(WEBSOCKET).start();
        Socket client = client(sidecar);
        RawHttp2Client client2 = new RawHttp2Client(sidecar.port())) {
      say(client, ASK);
      try (Socket server = accept()) {
        head(server);
        say(server, agree + "longer than five");
        String agreed = head(client).toLowerCase(java.util.Locale.ROOT);
        assertTrue(agreed.startsWith("http/1.1 101 "), agreed);
        assertFalse(agreed.contains("content-length"), agreed);
        assertFalse(agreed.contains("transfer-encoding"), agreed);
        assertEquals("longer than five", hear(client, 16));
      }
      connect(client2, "websocket");
      try (Socket server = accept()) {
        head(server);
        say(server, agree + "longer than five");
        RawHttp2Client.Frame agreed = client2.await(RawHttp2Client.HEADERS, 1);
        assertEquals("200", String.valueOf(agreed.headers().status()));
        assertEquals(null, agreed.headers().get("content-length"));
        assertEquals("longer than five", client2.await(RawHttp2Client.DATA, 1).text());
      }
    }
  }

  /** Without one it is no handshake, and the app's to refuse. */
  @Test
  void aClientOfHttp11HasItsOwnKeyOrNone() throws Exception {
    try (TestSidecar sidecar = TestConfig.to(app.getLocalPort()).manager(WEBSOCKET).start();
        Socket client = client(sidecar)) {
      say(client, ASK.replaceFirst("Sec-WebSocket-Key: .*\r\n", ""));
      try (Socket server = accept()) {
        String asked = head(server).toLowerCase(java.util.Locale.ROOT);
        assertTrue(asked.contains("upgrade: websocket\r\n"), asked);
        assertFalse(asked.contains("sec-websocket-key"), asked);
      }
    }
  }

  @Test
  void bytesPassBothWaysOnceTheAppHasAgreed() throws Exception {
    try (TestSidecar sidecar = TestConfig.to(app.getLocalPort()).manager(WEBSOCKET).start();
        Socket client = client(sidecar)) {
      say(client, ASK + "early");
      try (Socket server = accept()) {
        String asked = head(server).toLowerCase(java.util.Locale.ROOT);
        assertTrue(asked.contains("upgrade: websocket\r\n"), asked);
        assertTrue(asked.contains("connection: upgrade\r\n"), asked);
        assertTrue(asked.contains("sec-websocket-key: dghl"), asked);
        say(server, AGREE + "first");
        String agreed = head(client).toLowerCase(java.util.Locale.ROOT);
        assertTrue(agreed.startsWith("http/1.1 101 "), agreed);
        assertTrue(agreed.contains("upgrade: websocket\r\n"), agreed);
        assertTrue(agreed.contains("connection: upgrade\r\n"), agreed);
        assertTrue(agreed.contains("sec-websocket-accept: s3pp"), agreed);
        assertEquals("first", hear(client, 5));
        assertEquals("early", hear(server, 5));
        say(client, "ping");
        assertEquals("ping", hear(server, 4));
        say(server, "\0\1\2pong");
        assertEquals("\0\1\2pong", hear(client, 7));
        server.close();
        assertEquals(-1, client.getInputStream().read());
      }
      Await.until(() -> sidecar.stat("http.in.downstream_rq_active") == 0);
    }
  }

  @Test
  void theClientsEndReachesTheApp() throws Exception {
    try (TestSidecar sidecar = TestConfig.to(app.getLocalPort()).manager(WEBSOCKET).start();
        Socket client = client(sidecar)) {
      say(client, ASK);
      try (Socket server = accept()) {
        head(server);
        say(server, AGREE);
        head(client);
        say(client, "bye");
        client.shutdownOutput();
        assertEquals("bye", hear(server, 3));
        assertEquals(-1, server.getInputStream().read());
        say(server, "you too");
        server.close();
        assertEquals("you too", hear(client, 7));
        assertEquals(-1, client.getInputStream().read());
      }
    }
  }

  @Test
  void aTunnelThatIsCutIsCutForTheClientToo() throws Exception {
    try (TestSidecar sidecar = TestConfig.to(app.getLocalPort()).manager(WEBSOCKET).start();
        Socket client = client(sidecar)) {
      say(client, ASK);
      try (Socket server = accept()) {
        head(server);
        say(server, AGREE);
        assertTrue(head(client).startsWith("HTTP/1.1 101 "));
        say(server, "half a mess");
        assertEquals("half a mess", hear(client, 11));
        server.setSoLinger(true, 0);
      }
      assertThrows(SocketException.class, () -> client.getInputStream().read());
    }
  }

  @Test
  void anAppThatDeclinesAnswersAsToAnyRequestAndTheConnectionGoesOn() throws Exception {
    try (TestUpstream plain = TestUpstream.replying("no sockets here");
        TestSidecar sidecar = TestConfig.to(plain).manager(WEBSOCKET).start();
        Socket client = client(sidecar)) {
      for (int i = 0; i < 3; i++) {
        say(client, ASK);
        String head = head(client);
        assertTrue(head.startsWith("HTTP/1.1 200 "), head);
        assertEquals("no sockets here", hear(client, 15));
      }
    }
  }

  @Test
  void whatIsNotConfiguredIsAnOrdinaryRequest() throws Exception {
    try (TestUpstream plain = TestUpstream.replying("x");
        TestSidecar sidecar =
            TestConfig.to(plain)
                .manager(WEBSOCKET)
                .route("upgrade_configs: [{upgrade_type: websocket, enabled: false}]")
                .start();
        Socket client = client(sidecar)) {
      say(client, ASK);
      assertTrue(head(client).startsWith("HTTP/1.1 200 "));
      assertEquals("", plain.next().field("upgrade"));
    }
  }

  @Test
  void whatTheListenerHasSwitchedOffIsAnOrdinaryRequestUnlessTheRouteSwitchesItOn()
      throws Exception {
    String off = "upgrade_configs: [{upgrade_type: websocket, enabled: false}]";
    try (TestUpstream plain = TestUpstream.replying("x")) {
      for (boolean on : List.of(false, true)) {
        TestConfig config = TestConfig.to(plain).manager(off);
        if (on) {
          config.route("upgrade_configs: [{upgrade_type: websocket}]");
        }
        try (TestSidecar sidecar = config.start();
            Socket client = client(sidecar)) {
          say(client, ASK);
          assertEquals(on ? "websocket" : "", plain.next().field("upgrade"));
        }
      }
    }
  }

  @Test
  void anOfferOfHttp2IsLeftOut() throws Exception {
    try (TestUpstream plain = TestUpstream.replying("x");
        TestSidecar sidecar =
            TestConfig.to(plain).manager("upgrade_configs: [{upgrade_type: h2c}]").start();
        Socket client = client(sidecar)) {
      say(
          client,
          lines(
              "GET / HTTP/1.1",
              "Host: app",
              "Connection: Upgrade, HTTP2-Settings",
              "Upgrade: h2c",
              "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"));
      assertTrue(head(client).startsWith("HTTP/1.1 200 "));
      TestUpstream.Request request = plain.next();
      assertEquals("", request.field("upgrade") + request.field("http2-settings"));
    }
  }

  @Test
  void theRequestsTimeEndsWhenTheTunnelBegins() throws Exception {
    try (TestSidecar sidecar =
            TestConfig.to(app.getLocalPort()).manager(WEBSOCKET).route("timeout: 0.3s").start();
        Socket client = client(sidecar)) {
      say(client, ASK);
      try (Socket server = accept()) {
        head(server);
        say(server, AGREE);
        head(client);
        client.setSoTimeout(600);
        org.junit.jupiter.api.Assertions.assertThrows(
            java.net.SocketTimeoutException.class, () -> client.getInputStream().read());
        say(client, "still here");
        assertEquals("still here", hear(server, 10));
      }
      try (Socket silent = client(sidecar)) {
        say(silent, ASK);
        try (Socket server = accept()) {
          head(server);
          assertTrue(head(silent).startsWith("HTTP/1.1 504 "));
        }
      }
    }
  }

  private static void connect(RawHttp2Client client, String protocol) throws IOException {
    client
        .headers(
            1,
            false,
            ":method",
            "CONNECT",
            ":protocol",
            protocol,
            ":scheme",
            "http",
            ":authority",
            "app",
            ":path",
            "/chat",
            "sec-websocket-version",
            "13")
        .flush();
  }

  /** Forwarded as an ordinary GET, the app's 200 would say that the tunnel is open. */
  @ParameterizedTest
  @CsvSource({"connect-udp, ''", "h2c, h2c", "websocket, h2c"})
  void anExtendedConnectForWhatIsNotConfiguredIsRefusedAndTheAppHearsNothing(
      String protocol, String configured) throws Exception {
    try (TestUpstream plain = TestUpstream.replying("x");
        TestSidecar sidecar =
            TestConfig.to(plain)
                .manager(
                    configured.isEmpty()
                        ? WEBSOCKET
                        : "upgrade_configs: [{upgrade_type: %s}]".formatted(configured))
                .start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      connect(client, protocol);
      RawHttp2Client.Frame refused = client.await(RawHttp2Client.HEADERS, 1);
      assertEquals("403", String.valueOf(refused.headers().status()));
      assertEquals("upgrade-not-allowed", String.valueOf(refused.headers().get("x-weir-cause")));
      assertEquals(200, client.get(3, "/").flush().status(3));
      assertEquals(List.of("GET / HTTP/1.1"), plain.all().stream().map(r -> r.line()).toList());
    }
  }

  @Test
  void anExtendedConnectThatTheAppAnswersAsAnyRequestIsNoTunnel() throws Exception {
    try (TestUpstream plain = TestUpstream.replying("no sockets here");
        TestSidecar sidecar = TestConfig.to(plain).manager(WEBSOCKET).start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      connect(client, "websocket");
      RawHttp2Client.Frame refused = client.await(RawHttp2Client.HEADERS, 1);
      assertEquals("502", String.valueOf(refused.headers().status()));
      assertEquals("upgrade-declined", String.valueOf(refused.headers().get("x-weir-cause")));
      assertEquals(200, client.get(3, "/").flush().status(3));
      Await.until(() -> sidecar.stat("http.in.downstream_rq_active") == 0);
    }
  }

  @Test
  void whatTheRouteAloneSwitchesOnIsThereOverHttp2Too() throws Exception {
    try (TestSidecar sidecar = TestConfig.to(app.getLocalPort()).route(WEBSOCKET).start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      client.await(frame ->
          frame.type() == RawHttp2Client.SETTINGS
              && Integer.valueOf(1)
                  .equals(settings(frame).get(RawHttp2Client.ENABLE_CONNECT_PROTOCOL)));
      connect(client, "websocket");
      try (Socket server = accept()) {
        assertTrue(head(server).startsWith("GET /chat HTTP/1.1\r\n"));
        say(server, AGREE);
        assertEquals(200, client.status(1));
      }
    }
  }

  private static Map<Integer, Integer> settings(RawHttp2Client.Frame frame) {
    Map<Integer, Integer> settings = new HashMap<>();
    ByteBuffer payload = ByteBuffer.wrap(frame.payload());
    while (payload.remaining() >= 6) {
      settings.put((int) payload.getShort(), payload.getInt());
    }
    return settings;
  }

  @Test
  void anExtendedConnectOfHttp2ReachesAnAppOfHttp1() throws Exception {
    try (TestSidecar sidecar = TestConfig.to(app.getLocalPort()).manager(WEBSOCKET).start();
        RawHttp2Client client = new RawHttp2Client(sidecar.port())) {
      connect(client, "websocket");
      try (Socket server = accept()) {
        String asked = head(server);
        assertTrue(asked.startsWith("GET /chat HTTP/1.1\r\n"), asked);
        String lower = asked.toLowerCase(java.util.Locale.ROOT);
        assertTrue(lower.contains("upgrade: websocket\r\n"), asked);
        assertTrue(lower.contains("sec-websocket-key: "), asked);
        say(server, AGREE);
        assertEquals(200, client.status(1));
        client.data(1, false, "ping").flush();
        assertEquals("ping", hear(server, 4));
        say(server, "pong");
        assertEquals("pong", client.await(RawHttp2Client.DATA, 1).text());
        server.close();
        assertTrue(client.await(RawHttp2Client.DATA, 1).endStream());
      }
    }
  }

  @Test
  void anUpgradeOfHttp1IsAnExtendedConnectToAnAppOfHttp2() throws Exception {
    try (RawHttp2Server h2 = new RawHttp2Server(RawHttp2Client.ENABLE_CONNECT_PROTOCOL, 1);
        TestSidecar sidecar = TestConfig.to(h2.port()).http2Upstream().manager(WEBSOCKET).start();
        Socket first = client(sidecar)) {
      say(first, ASK);
      try (RawHttp2Client server = h2.accept()) {
        RawHttp2Client.Frame asked = server.await(frame -> frame.type() == RawHttp2Client.HEADERS);
        var headers = asked.headers();
        assertEquals("CONNECT", String.valueOf(headers.method()));
        assertEquals("websocket", String.valueOf(headers.get(":protocol")));
        server.headers(asked.stream(), false, ":status", "200").flush();
        assertTrue(head(first).startsWith("HTTP/1.1 101 "));
        say(first, "ping");
        assertEquals("ping", server.await(RawHttp2Client.DATA, asked.stream()).text());
        server.data(asked.stream(), true, "pong").flush();
        assertEquals("pong", hear(first, 4));
        assertEquals(-1, first.getInputStream().read());
      }
    }
  }

  /** RFC 8441 3: whether the server takes it is known once its settings have come. */
  @Test
  void whileAnUpgradeWaitsForTheSettingsOfAnAppOtherRequestsGoOn() throws Exception {
    try (RawHttp2Server h2 = new RawHttp2Server(RawHttp2Client.ENABLE_CONNECT_PROTOCOL, 1);
        TestSidecar sidecar = TestConfig.to(h2.port()).http2Upstream().manager(WEBSOCKET).start();
        Socket first = client(sidecar);
        Socket other = client(sidecar)) {
      say(first, ASK);
      Await.until(() -> sidecar.stat("cluster.app.upstream_rq_total") == 1);
      say(other, "GET / HTTP/1.1\r\nHost: app\r\n\r\n");
      Await.until(() -> sidecar.stat("cluster.app.upstream_rq_total") == 2);
      try (RawHttp2Client server = h2.accept()) {
        RawHttp2Client.Frame plain = server.await(frame -> frame.type() == RawHttp2Client.HEADERS);
        assertEquals("GET", String.valueOf(plain.headers().method()));
        server.headers(plain.stream(), true, ":status", "204").flush();
        assertTrue(head(other).startsWith("HTTP/1.1 204 "));
        RawHttp2Client.Frame asked = server.await(frame -> frame.type() == RawHttp2Client.HEADERS);
        server.headers(asked.stream(), false, ":status", "200").flush();
        assertTrue(head(first).startsWith("HTTP/1.1 101 "));
        assertEquals(1, sidecar.stat("cluster.app.upstream_cx_total"));
      }
    }
  }

  @Test
  void anUpgradeThatTheSettingsOfAnAppDoNotAllowIsRefused() throws Exception {
    try (RawHttp2Server h2 = new RawHttp2Server();
        TestSidecar sidecar = TestConfig.to(h2.port()).http2Upstream().manager(WEBSOCKET).start();
        Socket first = client(sidecar)) {
      say(first, ASK);
      try (RawHttp2Client server = h2.accept()) {
        server.await(RawHttp2Client.SETTINGS, 0);
        assertTrue(head(first).startsWith("HTTP/1.1 502 "));
      }
    }
  }
}
