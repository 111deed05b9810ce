package dev.weir.sidecar.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.TestCa;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever looks after the caller finds in its sidecar's log why a connection met nobody. */
class TcpFailureToldTest {
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private TestSidecar sidecar;

  @TempDir Path folder;

  /**
   * @param proxy fields of the {@code tcp_proxy}, each behind a comma
   * @param app fields of the cluster {@code app}
   */
  private void start(String cluster, String proxy, String app) {
    sidecar =
        TestSidecar.start(
            """
            static_resources:
              listeners:
              - name: in
                address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                filter_chains:
                - filters:
                  - name: tcp
                    typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: %s%s}
              clusters:
              - {name: app, type: STATIC, %s}
            """
                .formatted(cluster, proxy, app),
            1,
            Optional.empty(),
            new PrintStream(told, true));
  }

  @AfterEach
  void stop() {
    sidecar.close();
  }

  private static String at(int port) {
    return "load_assignment: {cluster_name: app, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]}"
        .formatted(port);
  }

  /** Calls, and is closed out; what it said itself is its address. */
  private String call() throws IOException {
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      client.setSoTimeout(5000);
      SocketException reset =
          assertThrows(SocketException.class, () -> client.getInputStream().read());
      assertTrue(String.valueOf(reset.getMessage()).contains("reset"), reset.toString());
      return "127.0.0.1:" + client.getLocalPort();
    }
  }

  private List<String> lines() {
    return told.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private void isToldOf(String caller, String why) {
    Await.until(() -> !lines().isEmpty());
    assertEquals(
        List.of(
            "weir sidecar: listener in: connection to 127.0.0.1:%d failed: %s; from %s"
                .formatted(sidecar.port(), why, caller)),
        lines());
  }

  @Test
  void instanceThatRefuses() throws Exception {
    try (ClosedPort closed = new ClosedPort()) {
      start("app", ", max_connect_attempts: 2", at(closed.port()));
      String first = call();
      call();
      isToldOf(
          first,
          "app: 127.0.0.1:%d: connection_refused, after 2 attempts".formatted(closed.port()));
      assertEquals(4, sidecar.stat("cluster.app.upstream_cx_connect_fail"));
      assertEquals(2, sidecar.stat("cluster.app.upstream_cx_connect_attempts_exceeded"));
    }
  }

  @Test
  void noInstance() throws Exception {
    start("app", "", "load_assignment: {cluster_name: app}");
    isToldOf(call(), "app has no healthy instance");
    assertEquals(1, sidecar.stat("cluster.app.upstream_cx_none_healthy"));
  }

  @Test
  void noCluster() throws Exception {
    start("other", "", "load_assignment: {cluster_name: app}");
    isToldOf(call(), "there is no cluster other");
    assertEquals(1, sidecar.stat("tcp.in.downstream_cx_no_route"));
  }

  @Test
  void tooManyConnections() throws Exception {
    start("app", "", "circuit_breakers: {thresholds: [{max_connections: 0}]}, " + at(1));
    isToldOf(call(), "app has as many connections as it may");
    assertEquals(1, sidecar.stat("cluster.app.upstream_cx_overflow"));
  }

  @Test
  void instanceThatDoesNotTakeOurCertificate() throws Exception {
    TestCa ca = TestCa.create(folder, "ca");
    try (SSLServerSocket server =
        (SSLServerSocket)
            ca.context(ca.issue("server"))
                .getServerSocketFactory()
                .createServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.setNeedClientAuth(true);
      server.setSoTimeout(5000);
      start(
          "app",
          "",
          "transport_socket: {name: tls, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext, common_tls_context: {validation_context: {trusted_ca: {filename: %s}}}}}, %s"
              .formatted(ca.certificate(), at(server.getLocalPort())));
      Thread callee =
          Thread.ofVirtual()
              .start(() -> {
                try (SSLSocket accepted = (SSLSocket) server.accept()) {
                  accepted.startHandshake();
                } catch (SSLHandshakeException expected) {
                  // it has said so
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      String caller = call();
      callee.join();
      isToldOf(
          caller,
          "app: 127.0.0.1:%d: TLS_error: (certificate_required) Received fatal alert: certificate_required"
              .formatted(server.getLocalPort()));
    }
  }

  @Test
  void connectionThatIsServedIsNotToldOf() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      start("app", "", at(server.getLocalPort()));
      try (Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port());
          Socket accepted = server.accept()) {
        client.getOutputStream().write('a');
        assertEquals('a', accepted.getInputStream().read());
      }
      Await.until(() -> sidecar.stat("tcp.in.downstream_cx_active") == 0);
    }
    sidecar.close(); // what is to be told is told
    assertEquals(List.of(), lines());
  }
}
