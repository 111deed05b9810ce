package dev.weir.sidecar.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.testkit.OwnAddress;
import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of whom the fields are believed that sidecars tell each other things by. */
class BelievedPeersTest {
  private static final String OURS = "spiffe://shop/ns/a/sa/callee";
  private static final String PEER = "spiffe://shop/ns/a/sa/caller";
  private static final String STRANGER = "spiffe://elsewhere/ns/a/sa/caller";
  private static final String RETRY =
      "retry_policy: {retry_on: 5xx, num_retries: 2, retry_back_off: {base_interval: 0.001s}}";

  @TempDir Path folder;

  private InetAddress here;
  private TestCa ca;

  @BeforeEach
  void prepare() throws IOException {
    here = OwnAddress.notLoopback();
    ca = TestCa.create(folder, "ca");
  }

  private String trusted() {
    return "validation_context: {trusted_ca: {filename: %s}}".formatted(ca.certificate());
  }

  // ---- of requests

  /** What the app sees of {@code x-envoy-own}, sent by {@code client} to a listener of TLS. */
  private String seen(TestCa.Issued own, String common, TestCa.Issued client) throws IOException {
    try (TestUpstream app =
            TestUpstream.start((request, out) ->
                TestUpstream.reply(out, 200, "<" + request.field("x-envoy-own") + ">"));
        TestSidecar sidecar =
            TestSidecar.start(
                TestConfig.to(app)
                    .downstreamTls(own, common, "require_client_certificate: true")
                    .yaml()
                    .replace(
                        "  - name: in\n    address: {socket_address: {address: 127.0.0.1",
                        "  - name: in\n    address: {socket_address: {address: "
                            + here.getHostAddress()),
                1);
        SSLSocket socket =
            (SSLSocket) ca.context(client).getSocketFactory().createSocket(here, sidecar.port())) {
      socket.setSoTimeout(5000);
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx-envoy-own: said\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return answer.substring(answer.lastIndexOf('<') + 1, answer.lastIndexOf('>'));
    }
  }

  @Test
  void aWorkloadOfTheMeshThatHasProvedItIsBelieved() throws Exception {
    assertEquals("said", seen(ca.issue("localhost", OURS), trusted(), ca.issue(PEER)));
  }

  @Test
  void aWorkloadOfAnotherTrustDomainIsNot() throws Exception {
    assertEquals("", seen(ca.issue("localhost", OURS), trusted(), ca.issue(STRANGER)));
    assertEquals(
        "", seen(ca.issue("localhost", OURS), trusted(), ca.issue("spiffe://shop.evil/ns/a")));
    assertEquals("", seen(ca.issue("localhost", OURS), trusted(), ca.issue("https://shop/ns/a")));
  }

  @Test
  void whoIsNoWorkloadItselfBelievesNobody() throws Exception {
    assertEquals("", seen(ca.issue("localhost"), trusted(), ca.issue(PEER)));
  }

  // ---- of responses

  private static boolean forged(TestUpstream.Request request, java.io.OutputStream out)
      throws IOException {
    int status = request.line().contains("/fails") ? 503 : 200;
    TestUpstream.write(
        out,
        "HTTP/1.1 %d X\r\nx-weir-retry: stop\r\nx-weir-cause: rate-limited\r\ncontent-length: 0\r\n\r\n"
            .formatted(status));
    return true;
  }

  /** A sidecar whose upstream is {@code app}, not on loopback. */
  private TestSidecar before(TestUpstream app, String direction, String tls) {
    return before(app, here.getHostAddress(), direction, tls);
  }

  private static TestSidecar before(
      TestUpstream app, String address, String direction, String tls) {
    TestConfig config = TestConfig.to(app).route(RETRY);
    if (!tls.isEmpty()) {
      config.upstreamTls(tls, "sni: a.shop");
    }
    return TestSidecar.start(
        config
            .yaml()
            .replace("  - name: in\n", "  - name: in\n    traffic_direction: " + direction + "\n")
            .replace(
                "address: 127.0.0.1, port_value: " + app.port(),
                "address: %s, port_value: %d".formatted(address, app.port())),
        1);
  }

  private static void assertBelieved(boolean believed, TestUpstream app, TestSidecar sidecar)
      throws IOException {
    try (RawClient client = new RawClient(sidecar.port())) {
      RawClient.Response good = client.get("/");
      assertEquals(believed ? "stop" : "", good.field("x-weir-retry"));
      assertEquals(believed ? "rate-limited" : "", good.field("x-weir-cause"));
      int before = app.all().size();
      assertEquals(503, client.get("/fails").status());
      assertEquals(believed ? 1 : 3, app.all().size() - before);
    }
  }

  private TestUpstream speaking(TestCa.Issued own) throws IOException {
    return TestUpstream.at(
        here, BelievedPeersTest::forged, ca.context(own).getServerSocketFactory());
  }

  private TestUpstream plain() throws IOException {
    return TestUpstream.at(here, BelievedPeersTest::forged, ServerSocketFactory.getDefault());
  }

  @Test
  void whatAnAppWithoutASidecarSaysOfItselfIsTakenOut() throws Exception {
    for (String direction : new String[] {"OUTBOUND", "UNSPECIFIED", "INBOUND"}) {
      try (TestUpstream app = plain();
          TestSidecar sidecar = before(app, direction, "")) {
        assertBelieved(false, app, sidecar);
      }
    }
  }

  @Test
  void anAppBesideUsIsNotBelievedThoughItIsOnThisMachine() throws Exception {
    try (TestUpstream app = TestUpstream.start(BelievedPeersTest::forged);
        TestSidecar sidecar = before(app, "127.0.0.1", "INBOUND", "")) {
      assertBelieved(false, app, sidecar);
    }
  }

  @Test
  void aSidecarOfTheMeshThatHasProvedItIsBelievedInItsResponses() throws Exception {
    String own =
        "tls_certificates: [%s], ".formatted(TestConfig.certificate(ca.issue(PEER))) + trusted();
    try (TestUpstream app = speaking(ca.issue("a.shop", OURS));
        TestSidecar sidecar = before(app, "OUTBOUND", own)) {
      assertBelieved(true, app, sidecar);
    }
    try (TestUpstream app = speaking(ca.issue("a.shop", STRANGER));
        TestSidecar sidecar = before(app, "OUTBOUND", own)) {
      assertBelieved(false, app, sidecar);
    }
  }

  @Test
  void aServerOutsideTheMeshIsNotBelievedThoughItsCertificateIsGood() throws Exception {
    try (TestUpstream app = speaking(ca.issue("a.shop", OURS));
        TestSidecar sidecar = before(app, "OUTBOUND", trusted())) {
      assertBelieved(false, app, sidecar);
    }
    String nobody = "tls_certificates: [%s]".formatted(TestConfig.certificate(ca.issue(PEER)));
    try (TestUpstream app = speaking(ca.issue("a.shop", OURS));
        TestSidecar sidecar = before(app, "OUTBOUND", nobody)) {
      assertBelieved(false, app, sidecar);
    }
  }
}
