package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A listener whose chain has a TLS transport socket, to real clients. */
class DownstreamTlsTest {
  @TempDir Path folder;

  private TestUpstream app;
  private TestCa ca;

  @SuppressWarnings("NullAway.Init") // each test starts its own
  private TestSidecar sidecar;

  @BeforeEach
  void startApp() throws IOException {
    app = TestUpstream.replying("hello");
    ca = TestCa.create(folder, "ca");
  }

  @AfterEach
  void stop() throws IOException {
    sidecar.close();
    app.close();
  }

  private void start(String common, String context) {
    sidecar = TestConfig.to(app).downstreamTls(ca.issue("localhost"), common, context).start();
  }

  /**
   * @param names fields of the validation context beside the CA
   */
  private void startForCertificates(String names) {
    start(
        "validation_context: {trusted_ca: {filename: %s}, %s}".formatted(ca.certificate(), names),
        "require_client_certificate: true");
  }

  private HttpResponse<String> get(HttpClient.Version version, SSLContext context)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newBuilder().version(version).sslContext(context).build()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("https://localhost:" + sidecar.port() + "/"))
              .timeout(Duration.ofSeconds(10))
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  private SSLSocket connect(SSLContext context, Consumer<SSLParameters> edit) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), sidecar.port());
    socket.setSoTimeout(5000);
    SSLParameters parameters = socket.getSSLParameters();
    edit.accept(parameters);
    socket.setSSLParameters(parameters);
    return socket;
  }

  private static String exchange(SSLSocket socket) throws IOException {
    socket
        .getOutputStream()
        .write(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                .getBytes(StandardCharsets.US_ASCII));
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void alpnDecidesWhetherItIsHttp2() throws Exception {
    start("alpn_protocols: [h2, http/1.1]", "");
    HttpResponse<String> http2 = get(HttpClient.Version.HTTP_2, ca.context());
    assertEquals(HttpClient.Version.HTTP_2, http2.version());
    assertEquals("hello", http2.body());
    HttpResponse<String> http1 = get(HttpClient.Version.HTTP_1_1, ca.context());
    assertEquals(HttpClient.Version.HTTP_1_1, http1.version());
    assertEquals("hello", http1.body());
    assertEquals(2, sidecar.stat("listener.in.ssl.handshake"));
    assertEquals(0, sidecar.stat("listener.in.ssl.connection_error"));
  }

  @Test
  void withoutAlpnTheFirstBytesDecide() throws Exception {
    start("", "");
    try (SSLSocket client = connect(ca.context(), edit -> {})) {
      assertTrue(exchange(client).endsWith("hello"));
    }
  }

  @Test
  void clientThatOffersNothingWeHaveIsTakenWithout() throws Exception {
    start("alpn_protocols: [h2]", "");
    try (SSLSocket client =
        connect(ca.context(), edit -> edit.setApplicationProtocols(new String[] {"http/1.1"}))) {
      assertTrue(exchange(client).endsWith("hello"));
      assertEquals("", client.getApplicationProtocol());
    }
  }

  @Test
  void bothVersionsOfTlsAreSpokenAndThoseNotAllowedRefused() throws Exception {
    start("", "");
    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      try (SSLSocket client =
          connect(ca.context(), edit -> edit.setProtocols(new String[] {version}))) {
        assertTrue(exchange(client).endsWith("hello"), version);
        assertEquals(version, client.getSession().getProtocol());
      }
    }
    sidecar.close();
    start("tls_params: {tls_minimum_protocol_version: TLSv1_3}", "");
    try (SSLSocket client =
        connect(ca.context(), edit -> edit.setProtocols(new String[] {"TLSv1.2"}))) {
      assertThrows(SSLException.class, client::startHandshake);
    }
    sidecar.close();
    start("tls_params: {tls_maximum_protocol_version: TLSv1_2}", "");
    try (SSLSocket client = connect(ca.context(), edit -> {})) {
      client.startHandshake();
      assertEquals("TLSv1.2", client.getSession().getProtocol());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "false, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "true, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
  })
  void cipherIsTheServersChoiceUnlessTheClientsIsPreferred(boolean preferred, String expected)
      throws Exception {
    start(
        "tls_params: {cipher_suites: [ECDHE-ECDSA-AES128-GCM-SHA256, ECDHE-ECDSA-AES256-GCM-SHA384]}",
        "prefer_client_ciphers: " + preferred);
    try (SSLSocket client =
        connect(
            ca.context(),
            edit -> {
              edit.setProtocols(new String[] {"TLSv1.2"});
              edit.setCipherSuites(
                  new String[] {
                    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
                  });
            })) {
      client.startHandshake();
      assertEquals(expected, client.getSession().getCipherSuite());
    }
  }

  @Test
  void certificateOfTheCaIsLetIn() throws Exception {
    startForCertificates("");
    HttpResponse<String> response =
        get(HttpClient.Version.HTTP_1_1, ca.context(ca.issue("client")));
    assertEquals("hello", response.body());
  }

  @Test
  void logSaysWhoThePeerIsAndWhatWasAgreedOn() throws Exception {
    Path log = folder.resolve("log");
    sidecar =
        TestConfig.to(app)
            .downstreamTls(
                ca.issue("localhost", "spiffe://shop/me"),
                "validation_context: {trusted_ca: {filename: %s}}".formatted(ca.certificate()),
                "")
            .accessLog(
                log,
                "%DOWNSTREAM_TLS_VERSION% %DOWNSTREAM_TLS_CIPHER% %REQUESTED_SERVER_NAME% %DOWNSTREAM_LOCAL_URI_SAN% %DOWNSTREAM_PEER_URI_SAN% %DOWNSTREAM_PEER_DNS_SAN% %DOWNSTREAM_PEER_SUBJECT% %DOWNSTREAM_PEER_ISSUER% %DOWNSTREAM_PEER_SERIAL% %DOWNSTREAM_PEER_FINGERPRINT_256%")
            .start();
    TestCa.Issued client = ca.issue("spiffe://shop/a", "a.shop", "spiffe://shop/b");
    get(HttpClient.Version.HTTP_1_1, ca.context(client));
    get(HttpClient.Version.HTTP_1_1, ca.context());
    sidecar.close();
    String hash =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(client.bundle().getCertificate().getEncoded()));
    String serial = client.bundle().getCertificate().getSerialNumber().toString(16);
    List<String> lines = Files.readAllLines(log);
    assertEquals("TLSv1.3", lines.get(0).split(" ")[0]);
    assertTrue(lines.get(0).split(" ")[1].startsWith("TLS_AES_"), lines.get(0));
    assertEquals(
        "localhost spiffe://shop/me spiffe://shop/a,spiffe://shop/b a.shop CN=leaf CN=ca "
            + serial
            + " "
            + hash,
        lines.get(0).split(" ", 3)[2]);
    assertEquals("localhost spiffe://shop/me - - - - - -", lines.get(1).split(" ", 3)[2]);
  }

  @Test
  void clientWithoutTheCertificateItNeedsIsRefused() throws Exception {
    startForCertificates("");
    assertThrows(IOException.class, () -> get(HttpClient.Version.HTTP_1_1, ca.context()));
    Await.until(() -> sidecar.stat("listener.in.ssl.fail_verify_no_cert") > 0);
    assertTrue(
        sidecar.stat("listener.in.ssl.connection_error") > 0); // the JDK's client tries again
    assertEquals(0, sidecar.stat("listener.in.ssl.handshake"));
  }

  @Test
  void refusalIsToldWithTheReasonAndWhoItWas() throws Exception {
    ByteArrayOutputStream told = new ByteArrayOutputStream();
    sidecar =
        TestSidecar.start(
            TestConfig.to(app)
                .downstreamTls(
                    ca.issue("localhost"),
                    "validation_context: {trusted_ca: {filename: %s}}".formatted(ca.certificate()),
                    "require_client_certificate: true")
                .yaml(),
            1,
            Optional.empty(),
            new PrintStream(told, true));
    assertThrows(IOException.class, () -> get(HttpClient.Version.HTTP_1_1, ca.context()));
    String line =
        "weir sidecar: listener in: connection to 127.0.0.1:%d refused: TLS_error: the peer has shown no certificate; from 127.0.0.1:"
            .formatted(sidecar.port());
    Await.until(() -> told.toString(StandardCharsets.UTF_8).contains(line));
  }

  @Test
  void certificateOfAnotherCaIsRefused() throws Exception {
    startForCertificates("");
    TestCa other = TestCa.create(folder, "other");
    SSLContext stranger = ca.context(other.issue("client"));
    assertThrows(IOException.class, () -> get(HttpClient.Version.HTTP_1_1, stranger));
    // The JDK's client shows none that the server's CA has not issued.
    Await.until(() -> sidecar.stat("listener.in.ssl.fail_verify_no_cert") > 0);
    assertEquals(0, sidecar.stat("listener.in.ssl.handshake"));
    try (TestSidecar caller =
        TestConfig.to(sidecar.port())
            .upstreamTls(
                "tls_certificates: [" + TestConfig.certificate(other.issue("me")) + "]", "")
            .start()) {
      try (RawClient client = new RawClient(caller.port())) {
        assertEquals(503, client.get("/").status());
      }
    }
    Await.until(() -> sidecar.stat("listener.in.ssl.fail_verify_error") > 0);
  }

  @Test
  void certificateOfTheCaForAnotherNameIsRefused() throws Exception {
    startForCertificates(
        "match_typed_subject_alt_names: [{san_type: URI, matcher: {prefix: \"spiffe://shop/\"}}]");
    SSLContext expected = ca.context(ca.issue("spiffe://shop/ns/a"));
    assertEquals("hello", get(HttpClient.Version.HTTP_1_1, expected).body());
    SSLContext other = ca.context(ca.issue("spiffe://elsewhere/ns/a"));
    assertThrows(IOException.class, () -> get(HttpClient.Version.HTTP_1_1, other));
    Await.until(() -> sidecar.stat("listener.in.ssl.fail_verify_san") > 0);
  }

  @Test
  void plainTextToATlsChainIsClosedAndCounted() throws Exception {
    start("", "");
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      client.setSoTimeout(5000);
      client
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertTrue(!answer.contains("HTTP/1.1"), answer);
    }
    Await.until(() -> sidecar.stat("listener.in.ssl.connection_error") == 1);
  }

  @Test
  void handshakeThatStallsEndsInTime() throws Exception {
    sidecar =
        TestSidecar.start(
            TestConfig.to(app)
                .downstreamTls(ca.issue("localhost"), "", "")
                .yaml()
                .replace(
                    "- transport_socket:",
                    "- transport_socket_connect_timeout: 0.2s\n      transport_socket:"),
            1);
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      client.setSoTimeout(5000);
      client.getOutputStream().write(new byte[] {22, 3, 1});
      client.getInputStream().readAllBytes(); // ends, with an alert or without
    }
    Await.until(() -> sidecar.stat("listener.in.ssl.connection_error") == 1);
    Await.until(() -> sidecar.stat("listener.in.downstream_cx_active") == 0);
  }

  @Test
  void serverNameChoosesTheChainAndItsCertificate() throws Exception {
    TestCa.Issued a = ca.issue("a.example");
    TestCa.Issued b = ca.issue("*.b.example");
    String two =
        TestConfig.to(app)
            .downstreamTls(a, "", "")
            .yaml()
            .replace(
                "    - transport_socket:",
                "    - filter_chain_match: {server_names: [a.example]}\n      transport_socket:");
    int chain = two.indexOf("    - filter_chain_match:");
    int clusters = two.indexOf("  clusters:");
    String second =
        two.substring(chain, clusters)
            .replace("a.example", "\"*.b.example\"")
            .replace(a.chain().toString(), b.chain().toString())
            .replace(a.key().toString(), b.key().toString());
    sidecar = TestSidecar.start(two.substring(0, clusters) + second + two.substring(clusters), 1);
    assertEquals(a.bundle().getCertificate(), shown("a.example"));
    assertEquals(b.bundle().getCertificate(), shown("x.b.example"));
    assertThrows(IOException.class, () -> shown("c.example"));
    assertEquals(1, sidecar.stat("listener.in.no_filter_chain_match"));
  }

  private java.security.cert.Certificate shown(String name) throws IOException {
    try (SSLSocket client =
        connect(ca.context(), edit -> edit.setServerNames(List.of(new SNIHostName(name))))) {
      client.startHandshake();
      assertTrue(exchange(client).endsWith("hello"));
      return client.getSession().getPeerCertificates()[0];
    }
  }
}
