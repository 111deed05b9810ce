package dev.weir.sidecar.listener;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestCa;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is refused is told of with the true reason, and with no other. */
class RefusedOnceTest {
  @TempDir Path folder;

  /** Keeps back what is written after the first flight, until it is let go at once. */
  private static final class KeptBack extends Socket {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private boolean keeps;

    KeptBack(int port) throws IOException {
      super(InetAddress.getLoopbackAddress(), port);
      setSoTimeout(5000);
    }

    private OutputStream out() throws IOException {
      return super.getOutputStream();
    }

    @Override
    public OutputStream getOutputStream() {
      return new OutputStream() {
        @Override
        public void write(int one) throws IOException {
          write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
          if (keeps) {
            kept.write(bytes, from, count);
          } else {
            keeps = true;
            out().write(bytes, from, count);
          }
        }
      };
    }

    void letGo() throws IOException {
      kept.writeTo(out());
    }
  }

  private static void closedOut(Socket socket) throws IOException {
    try {
      assertEquals(-1, socket.getInputStream().read());
    } catch (SocketException reset) {
      assertTrue(String.valueOf(reset.getMessage()).contains("reset"), reset.toString());
    }
  }

  @Test
  void callerThatSpeaksWithTheEndOfItsHandshake() throws Exception {
    TestCa ca = TestCa.create(folder, "ca");
    String yaml =
        """
        static_resources:
          listeners:
          - name: in
            address: {socket_address: {address: 127.0.0.1, port_value: 0}}
            filter_chains:
            - filter_chain_match: {transport_protocol: tls}
              transport_socket: {name: tls, typed_config: {"@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, common_tls_context: {tls_certificates: [%s]}}}
              filters:
              - name: rbac
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.rbac.v3.RBAC
                  stat_prefix: in
                  rules: {action: ALLOW, policies: {p: {permissions: [{any: true}], principals: [{direct_remote_ip: {address_prefix: 10.0.0.0, prefix_len: 8}}]}}}
              - name: tcp
                typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: in, cluster: none}
        """
            .formatted(TestConfig.certificate(ca.issue("in")));
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    SSLContext context = ca.context(ca.issue("client"));
    try (TestSidecar sidecar =
            TestSidecar.start(yaml, 1, Optional.empty(), new PrintStream(told, true));
        KeptBack plain = new KeptBack(sidecar.port());
        SSLSocket client =
            (SSLSocket) context.getSocketFactory().createSocket(plain, "localhost", 1, false)) {
      client.startHandshake();
      client.getOutputStream().write("*1\r\n$4\r\nPING\r\n".getBytes(StandardCharsets.US_ASCII));
      plain.letGo();
      closedOut(client);
      Await.until(() -> sidecar.stat("listener.in.downstream_cx_active") == 0);
      assertEquals(1, sidecar.stat("in.rbac.denied"));
      assertEquals(0, sidecar.stat("listener.in.no_filter_chain_match"));
    }
    List<String> lines = told.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(1, lines.size(), lines.toString());
    assertTrue(
        lines.getFirst().contains("refused: forbidden: no policy of [p] allows it; from "),
        lines.toString());
  }
}
