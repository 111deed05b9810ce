package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.RawClient;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the app is told of who called: {@code x-forwarded-client-cert}. */
@Tag("slow")
class ForwardedClientCertTest {
  private static final String FROM_CLIENT = "By=spiffe://other;Hash=00";

  @TempDir Path folder;

  private TestUpstream app;
  private TestCa ca;
  private TestCa.Issued client;

  @BeforeEach
  void start() throws IOException {
    app =
        TestUpstream.start((request, out) ->
            TestUpstream.reply(out, 200, "<" + request.field("x-forwarded-client-cert") + ">"));
    ca = TestCa.create(folder, "ca");
    client = ca.issue("spiffe://shop/me", "me.shop");
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  private TestSidecar sidecar(String manager) {
    return TestConfig.to(app)
        .downstreamTls(
            ca.issue("localhost", "spiffe://shop/app"),
            "validation_context: {trusted_ca: {filename: %s}}".formatted(ca.certificate()),
            "")
        .manager(manager)
        .start();
  }

  /** What the app gets of a client that says {@code FROM_CLIENT}. */
  private static String seen(TestSidecar sidecar, SSLContext context) throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), sidecar.port())) {
      socket.setSoTimeout(5000);
      socket
          .getOutputStream()
          .write(
              ("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nx-forwarded-client-cert: "
                      + FROM_CLIENT
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return answer.substring(answer.indexOf("\r\n\r\n<") + 5, answer.lastIndexOf(">"));
    }
  }

  private String hash() throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256")
                .digest(client.bundle().getCertificate().getEncoded()));
  }

  @Test
  void whatTheClientSaysIsTakenOutUnlessItIsToBeBelieved() throws Exception {
    try (TestSidecar sidecar = sidecar("")) {
      assertEquals("", seen(sidecar, ca.context(client)));
    }
    try (TestSidecar sidecar = sidecar("forward_client_cert_details: FORWARD_ONLY")) {
      assertEquals(FROM_CLIENT, seen(sidecar, ca.context(client)));
      assertEquals("", seen(sidecar, ca.context()), "of nobody who has proved anything");
    }
    try (TestSidecar sidecar = sidecar("forward_client_cert_details: ALWAYS_FORWARD_ONLY")) {
      assertEquals(FROM_CLIENT, seen(sidecar, ca.context()));
    }
    try (TestSidecar sidecar =
            TestConfig.to(app).manager("forward_client_cert_details: SANITIZE_SET").start();
        RawClient plain = new RawClient(sidecar.port())) {
      plain.send(
          "GET / HTTP/1.1\r\nHost: a\r\nx-forwarded-client-cert: " + FROM_CLIENT + "\r\n\r\n");
      assertTrue(plain.readUntil(text -> text.contains("<>")).contains("<>"));
    }
  }

  @Test
  void whoHasCalledIsSaid() throws Exception {
    String own = "By=spiffe://shop/app;Hash=" + hash();
    try (TestSidecar sidecar = sidecar("forward_client_cert_details: SANITIZE_SET")) {
      assertEquals(own, seen(sidecar, ca.context(client)));
    }
    try (TestSidecar sidecar = sidecar("forward_client_cert_details: APPEND_FORWARD")) {
      assertEquals(FROM_CLIENT + "," + own, seen(sidecar, ca.context(client)));
    }
    try (TestSidecar sidecar =
        sidecar(
            "forward_client_cert_details: SANITIZE_SET\nset_current_client_cert_details: {subject: true, dns: true, uri: true}")) {
      assertEquals(
          own + ";Subject=\"CN=leaf\";URI=spiffe://shop/me;DNS=me.shop",
          seen(sidecar, ca.context(client)));
    }
    try (TestSidecar sidecar =
        sidecar(
            "forward_client_cert_details: SANITIZE_SET\nset_current_client_cert_details: {cert: true, chain: true}")) {
      String seen = seen(sidecar, ca.context(client));
      String pem = pemOf(seen, "Cert");
      assertEquals(
          Files.readString(client.chain()).replace("\r", "").split("-----END", 2)[0],
          pem.split("-----END", 2)[0]);
      assertTrue(pemOf(seen, "Chain").startsWith(pem));
    }
  }

  private static String believing(String mode, String names) {
    return """
    forward_client_cert_details: %s
    early_header_mutation_extensions:
    - name: weir.http.forwarded_client_cert
      typed_config:
        "@type": type.googleapis.com/weir.extensions.http.forwarded_client_cert.v1alpha1.ForwardedClientCert
        believed: [%s]
    """
        .formatted(mode, names);
  }

  @ParameterizedTest
  @CsvSource({
    "spiffe://shop/me, true",
    "me.shop, true",
    "'spiffe://shop/you, spiffe://shop/me', true",
    "spiffe://shop/you, false",
    "spiffe://shop, false",
    "SPIFFE://SHOP/ME, false",
    "CN=leaf, false"
  })
  void onlyThoseThatAreNamedAreBelieved(String names, boolean believed) throws Exception {
    String own = "By=spiffe://shop/app;Hash=" + hash();
    try (TestSidecar sidecar = sidecar(believing("APPEND_FORWARD", names))) {
      assertEquals(believed ? FROM_CLIENT + "," + own : own, seen(sidecar, ca.context(client)));
      assertEquals("", seen(sidecar, ca.context()), "of nobody who has proved anything");
    }
    try (TestSidecar sidecar = sidecar(believing("ALWAYS_FORWARD_ONLY", names))) {
      assertEquals(believed ? FROM_CLIENT : "", seen(sidecar, ca.context(client)));
      assertEquals("", seen(sidecar, ca.context()), "of nobody who has proved anything");
    }
  }

  @Test
  void namesOfSeveralHoldTogether() throws Exception {
    String own = "By=spiffe://shop/app;Hash=" + hash();
    String both =
        believing("APPEND_FORWARD", "spiffe://shop/me")
            + """
            - name: another
              typed_config:
                "@type": type.googleapis.com/weir.extensions.http.forwarded_client_cert.v1alpha1.ForwardedClientCert
                believed: [spiffe://shop/you]
            """;
    try (TestSidecar sidecar = sidecar(both)) {
      assertEquals(own, seen(sidecar, ca.context(client)));
    }
  }

  @Test
  void whoIsBelievedIsStillWhoIsLoggedAndTold() throws Exception {
    Path log = folder.resolve("log");
    String peer = "%DOWNSTREAM_PEER_URI_SAN% %DOWNSTREAM_PEER_FINGERPRINT_256%";
    try (TestSidecar sidecar =
        TestConfig.to(app)
            .downstreamTls(
                ca.issue("localhost", "spiffe://shop/app"),
                "validation_context: {trusted_ca: {filename: %s}}".formatted(ca.certificate()),
                "")
            .manager(believing("APPEND_FORWARD", "spiffe://shop/me"))
            .accessLog(log, peer)
            .start()) {
      assertTrue(seen(sidecar, ca.context(client)).startsWith(FROM_CLIENT));
      Await.until(() -> Files.exists(log) && !read(log).isEmpty());
      assertEquals("spiffe://shop/me " + hash() + "\n", read(log));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String pemOf(String element, String key) {
    String from = element.substring(element.indexOf(";" + key + "=\"") + key.length() + 3);
    return URLDecoder.decode(from.substring(0, from.indexOf('"')), StandardCharsets.US_ASCII);
  }
}
