package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Relays that take TLS off at their listener and put it on to their cluster. */
class TcpTlsTest {
  @TempDir Path folder;

  private TestCa ca;
  private SSLContext context;
  private ServerSocket server;

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private TestSidecar sidecar;

  @BeforeEach
  void listen() throws IOException {
    ca = TestCa.create(folder, "ca");
    context = ca.context(ca.issue("server"));
    server =
        context.getServerSocketFactory().createServerSocket(0, 8, InetAddress.getLoopbackAddress());
    server.setSoTimeout(5000);
    sidecar = start(server.getLocalPort());
  }

  private TestSidecar start(int port) {
    return TestSidecar.start(
        """
        static_resources:
          listeners:
          - name: in
            address: {socket_address: {address: 127.0.0.1, port_value: 0}}
            filter_chains:
            - transport_socket: {name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {tls_certificates: [%s], validation_context: {trusted_ca: {filename: %s}}}}}
              filters:
              - name: tcp
                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: app, access_log: [{name: file, typed_config: {"@type": type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog, path: %s, log_format: {text_format: "%%DOWNSTREAM_PEER_URI_SAN%% %%REQUESTED_SERVER_NAME%%\\n"}}}]}
          clusters:
          - name: app
            type: STATIC
            transport_socket: {name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {validation_context: {trusted_ca: {filename: %s}}}}}
            load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}
        """
            .formatted(
                TestConfig.certificate(ca.issue("in")),
                ca.certificate(),
                folder.resolve("log"),
                ca.certificate(),
                port),
        1);
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    server.close();
  }

  private SSLSocket client() throws IOException {
    SSLSocket client =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), sidecar.port());
    client.setSoTimeout(5000);
    return client;
  }

  private static void write(Socket to, String text) throws IOException {
    to.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String readAll(Socket from) throws IOException {
    return new String(from.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }

  @Test
  void eachWayEndsByItself() throws IOException {
    try (SSLSocket client = client()) {
      write(client, "question");
      client.shutdownOutput();
      try (Socket accepted = server.accept()) {
        accepted.setSoTimeout(5000);
        assertEquals("question", readAll(accepted));
        write(accepted, "answer");
        accepted.shutdownOutput();
        assertEquals("answer", readAll(client));
      }
    }
  }

  @Test
  void connectionsAreCountedByWhoConnected() throws IOException {
    SSLContext known = ca.context(ca.issue("spiffe://mesh/ns/shop/sa/cart"));
    for (SSLContext each : List.of(known, context, known)) {
      try (Socket client =
          each.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), sidecar.port())) {
        write(client, "question");
        try (Socket accepted = server.accept()) {
          assertEquals('q', accepted.getInputStream().read());
        }
      }
    }
    assertEquals(2, sidecar.stat("tcp.in.downstream_peer_cx_total.spiffe://mesh/ns/shop/sa/cart"));
    assertEquals(3, sidecar.stat("tcp.in.downstream_cx_total"));
  }

  @Test
  void lineInTheLogTellsWhoConnected() throws IOException {
    SSLContext known = ca.context(ca.issue("spiffe://mesh/ns/shop/sa/cart"));
    try (Socket client =
        known.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      write(client, "question");
      try (Socket accepted = server.accept()) {
        assertEquals('q', accepted.getInputStream().read());
      }
    }
    Path log = folder.resolve("log");
    Await.until(() -> log.toFile().length() > 0);
    assertEquals("spiffe://mesh/ns/shop/sa/cart -\n", Files.readString(log));
  }

  @Test
  void muchGoesBothWays() throws Exception {
    String much = "0123456789".repeat(300_000);
    try (SSLSocket client = client()) {
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  write(client, much);
                  client.shutdownOutput();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      try (Socket accepted = server.accept()) {
        accepted.setSoTimeout(5000);
        assertEquals(much, readAll(accepted));
        write(accepted, much.substring(1));
        accepted.shutdownOutput();
        assertEquals(much.substring(1), readAll(client));
      }
      writer.join();
    }
  }

  /** A server that ends without a close_notify has cut what it sent: the client must see that. */
  @Test
  void transferThatIsCutDoesNotLookComplete() throws Exception {
    sidecar.close();
    try (TlsCut cut = TlsCut.start(context, "half of it")) {
      sidecar = start(cut.port());
      try (SSLSocket client = client()) {
        write(client, "question");
        assertEquals('h', client.getInputStream().read());
        assertThrows(IOException.class, () -> readAll(client));
      }
    }
  }
}
