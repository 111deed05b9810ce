package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who calls, among the statistics. */
class PeerStatsTest {
  @TempDir Path folder;

  private static String get(TestSidecar sidecar, SSLContext as, String path) throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            as.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      socket.setSoTimeout(5000);
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  @Test
  void requestsAreCountedByWhoAskedAndByTheClassOfTheAnswer() throws Exception {
    TestCa ca = TestCa.create(folder, "ca");
    SSLContext frontend = ca.context(ca.issue("spiffe://mesh/ns/shop/sa/frontend"));
    SSLContext cart = ca.context(ca.issue("spiffe://mesh/ns/shop/sa/cart"));
    try (TestUpstream app =
            TestUpstream.start((request, out) ->
                TestUpstream.reply(
                    out, request.line().startsWith("GET /bad ") ? 503 : 200, "answer"));
        TestSidecar sidecar =
            TestConfig.to(app)
                .downstreamTls(
                    ca.issue("localhost"),
                    "validation_context: {trusted_ca: {filename: %s}}".formatted(ca.certificate()),
                    "")
                .start()) {
      get(sidecar, frontend, "/");
      get(sidecar, frontend, "/");
      get(sidecar, frontend, "/bad");
      get(sidecar, cart, "/");
      get(sidecar, ca.context(), "/");

      String of = "http.in.downstream_peer_rq_%dxx.spiffe://mesh/ns/shop/sa/%s";
      assertEquals(2, sidecar.stat(of.formatted(2, "frontend")));
      assertEquals(1, sidecar.stat(of.formatted(5, "frontend")));
      assertEquals(1, sidecar.stat(of.formatted(2, "cart")));
      assertEquals(0, sidecar.stat(of.formatted(5, "cart")));
      assertEquals(4, sidecar.stat("http.in.downstream_rq_2xx"));
    }
  }
}
