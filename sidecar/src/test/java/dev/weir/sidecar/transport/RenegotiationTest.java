package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A peer of TLS 1.2 that begins a second handshake on its connection, which costs us more than it:
 * none is made, by BoringSSL's engine, which HTTP has, and by the JDK's, which a relay has.
 */
class RenegotiationTest {
  private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String VERSION =
      "tls_params: {tls_minimum_protocol_version: TLSv1_2, tls_maximum_protocol_version: TLSv1_2}";

  @TempDir Path folder;

  private TestCa ca;
  private SSLContext context;

  @BeforeEach
  void prepare() {
    ca = TestCa.create(folder, "ca");
    context = ca.context(ca.issue("localhost"));
  }

  private SSLSocket client(int port) throws IOException {
    SSLSocket client =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    client.setSoTimeout(5000);
    client.setEnabledProtocols(new String[] {"TLSv1.2"});
    return client;
  }

  private static void say(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String relay(String yaml) {
    return yaml.replaceFirst(
        "(?s)- name: envoy.filters.network.http_connection_manager.*?clusters:",
        "- {name: tcp, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: app}}\n  clusters:");
  }

  /** Whoever it is that notices, the connection is over, and others are taken. */
  private void assertClientIsRefused(String yaml) throws Exception {
    try (TestSidecar sidecar = TestSidecar.start(yaml, 1)) {
      try (SSLSocket client = client(sidecar.port())) {
        say(client, GET);
        assertTrue(client.getInputStream().read() >= 0);
        assertThrows(
            IOException.class,
            () -> {
              client.startHandshake();
              while (client.getInputStream().read() >= 0) {}
              throw new IOException("the end");
            });
      }
      Await.until(() -> sidecar.stat("listener.in.downstream_cx_active") == 0);
      assertEquals(1, sidecar.stat("listener.in.ssl.handshake"));
      try (SSLSocket client = client(sidecar.port())) {
        say(client, GET);
        assertTrue(client.getInputStream().read() >= 0);
      }
    }
  }

  @Test
  void clientOfAListenerOfHttpIsRefused() throws Exception {
    try (TestUpstream app = TestUpstream.replying("hello")) {
      assertClientIsRefused(TestConfig.to(app).downstreamTls(ca.issue("localhost"), "", "").yaml());
    }
  }

  @Test
  void clientOfARelayIsRefused() throws Exception {
    try (TestUpstream app = TestUpstream.replying("hello")) {
      assertClientIsRefused(
          relay(TestConfig.to(app).downstreamTls(ca.issue("localhost"), "", "").yaml()));
    }
  }

  /** What became of the server's second handshake on the connection that the sidecar made. */
  private void assertServerIsRefused(boolean relay) throws Exception {
    try (ServerSocket server =
        context
            .getServerSocketFactory()
            .createServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(5000);
      CompletableFuture<String> became = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> became.complete(second(server)));
      String yaml =
          TestConfig.to(server.getLocalPort())
              .upstreamTls(
                  VERSION
                      + ", validation_context: {trusted_ca: {filename: %s}}"
                          .formatted(ca.certificate()),
                  "")
              .yaml();
      try (TestSidecar sidecar = TestSidecar.start(relay ? relay(yaml) : yaml, 1);
          Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
        client.setSoTimeout(5000);
        say(client, GET);
        assertEquals("refused", became.get(10, TimeUnit.SECONDS));
        Await.until(() -> sidecar.stat("cluster.app.upstream_cx_active") == 0);
        assertEquals(1, sidecar.stat("cluster.app.ssl.handshake"));
      }
    }
  }

  private static String second(ServerSocket server) {
    try (SSLSocket connection = (SSLSocket) server.accept()) {
      connection.setSoTimeout(5000);
      if (connection.getInputStream().read() < 0) {
        return "nothing came";
      }
      boolean[] again = {false};
      connection.addHandshakeCompletedListener(done -> again[0] = true);
      try {
        connection.startHandshake();
        while (connection.getInputStream().read() >= 0) {}
      } catch (IOException refused) {
        return again[0] ? "a second handshake" : "refused";
      }
      return again[0] ? "a second handshake" : "refused";
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void serverOfHttpIsRefused() throws Exception {
    assertServerIsRefused(false);
  }

  @Test
  void serverBehindARelayIsRefused() throws Exception {
    assertServerIsRefused(true);
  }
}
