package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.TestCa;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that speaks first, behind a listener that takes TLS and plain text. */
@Tag("slow")
class ServerFirstTlsTest {
  private static final String GREETING = "220 ready\r\n";

  @TempDir Path folder;

  private SSLContext context;
  private ServerSocket server;
  private TestSidecar sidecar;

  @BeforeEach
  void listen() throws IOException {
    TestCa ca = TestCa.create(folder, "ca");
    context = ca.context();
    server = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
    server.setSoTimeout(5000);
    sidecar =
        TestSidecar.start(
            """
            static_resources:
              listeners:
              - name: in
                address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                listener_filters_timeout: 0s
                continue_on_listener_filters_timeout: true
                listener_filters: [{name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector}}]
                filter_chains:
                - filter_chain_match: {transport_protocol: tls}
                  transport_socket: {name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {tls_certificates: [%s]}}}
                  filters:
                  - name: tcp
                    typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: app}
                - filter_chain_match: {transport_protocol: raw_buffer}
                  filters:
                  - name: tcp
                    typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: app}
              clusters:
              - name: app
                type: STATIC
                load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}
            """
                .formatted(TestConfig.certificate(ca.issue("in")), server.getLocalPort()),
            1);
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    server.close();
  }

  private Socket client() throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port());
    client.setSoTimeout(5000);
    return client;
  }

  private SSLSocket secured(Socket plain) throws IOException {
    return (SSLSocket)
        context.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true);
  }

  /** The server's end of the next connection, after it has spoken. */
  private Socket greeting() throws IOException {
    Socket accepted = server.accept();
    accepted.setSoTimeout(5000);
    accepted.getOutputStream().write(GREETING.getBytes(StandardCharsets.US_ASCII));
    return accepted;
  }

  private static String read(Socket from) throws IOException {
    return new String(
        from.getInputStream().readNBytes(GREETING.length()), StandardCharsets.US_ASCII);
  }

  /** Waits for the end; what it has said may be unread, which resets it. */
  private static boolean ended(Socket connection) throws SocketTimeoutException {
    try {
      return connection.getInputStream().read() == -1;
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException reset) {
      return true;
    }
  }

  private void plainClientIsGreeted() throws IOException {
    try (Socket client = client();
        Socket accepted = greeting()) {
      assertEquals(GREETING, read(client));
      client.getOutputStream().write('Q');
      assertEquals('Q', accepted.getInputStream().read());
    }
  }

  private void tlsAfterTheGreetingIsTaken() throws IOException {
    try (Socket plain = client();
        Socket unused = greeting();
        SSLSocket client = secured(plain)) {
      client.startHandshake();
      assertTrue(ended(unused));
      try (Socket accepted = greeting()) {
        assertEquals(GREETING, read(client));
        client.getOutputStream().write('Q');
        assertEquals('Q', accepted.getInputStream().read());
      }
    }
  }

  @Test
  void tlsThatBeginsWhenTheServerHasSpokenIsTaken() throws IOException {
    tlsAfterTheGreetingIsTaken();
  }

  @Test
  void silentClientInPlainTextHearsTheServer() throws IOException {
    plainClientIsGreeted();
    plainClientIsGreeted();
  }

  @Test
  void tlsThatIsTooLateIsClosedAndTheNextOneIsWaitedFor() throws Exception {
    plainClientIsGreeted();
    try (Socket plain = client();
        Socket _ = greeting()) {
      assertEquals(GREETING, read(plain));
      assertThrows(IOException.class, () -> secured(plain).startHandshake());
    }
    tlsAfterTheGreetingIsTaken();
  }
}
