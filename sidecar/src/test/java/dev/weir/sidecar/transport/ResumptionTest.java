package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.weir.sidecar.testkit.TestConfig;
import dev.weir.sidecar.testkit.TestSidecar;
import dev.weir.testkit.Await;
import dev.weir.testkit.TestCa;
import dev.weir.testkit.TestUpstream;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that come again with the session they had. */
@Tag("slow")
class ResumptionTest {
  @TempDir Path folder;

  private TestUpstream app;
  private TestCa ca;

  @BeforeEach
  void startApp() throws IOException {
    app = TestUpstream.start((request, out) -> TestUpstream.reply(out, 200, request.head()));
    ca = TestCa.create(folder, "ca");
  }

  @AfterEach
  void stop() throws IOException {
    app.close();
  }

  /** When the session was made, which is before for one that is resumed, and the answer. */
  private record Seen(long begun, String answer) {}

  private static Seen call(SSLContext context, int port, String version) throws IOException {
    try (SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(5000);
      socket.setEnabledProtocols(new String[] {version});
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      return new Seen(socket.getSession().getCreationTime(), answer);
    }
  }

  /** Another's session has another time. */
  private static void nextMillisecond() {
    long now = System.currentTimeMillis();
    Await.until(() -> System.currentTimeMillis() > now);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void sessionIsResumed(String version) throws Exception {
    try (TestSidecar sidecar =
        TestConfig.to(app).downstreamTls(ca.issue("localhost"), "", "").start()) {
      SSLContext context = ca.context();
      long first = call(context, sidecar.port(), version).begun();
      nextMillisecond();
      assertEquals(first, call(context, sidecar.port(), version).begun());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void sessionIsNotResumedWhereThatIsOff(String version) throws Exception {
    assumeTrue(
        TlsProvider.standard().get() == TlsProvider.BORINGSSL,
        "the JDK's engine keeps a session for a second at least");
    try (TestSidecar sidecar =
        TestConfig.to(app)
            .downstreamTls(ca.issue("localhost"), "", "disable_stateless_session_resumption: true")
            .start()) {
      SSLContext context = ca.context();
      long first = call(context, sidecar.port(), version).begun();
      nextMillisecond();
      assertNotEquals(first, call(context, sidecar.port(), version).begun());
    }
  }

  /** With a certificate of a root of its own, which is in {@code both.pem} beside the CA. */
  private SSLContext shortLived(Duration life) throws Exception {
    X509Bundle root =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=r")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(
        folder.resolve("both.pem"), Files.readString(ca.certificate()) + root.getCertificatePEM());
    X509Bundle leaf =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=leaf")
            .addSanUriName("spiffe://m/ns/a/sa/b")
            .addExtendedKeyUsageClientAuth()
            .notBefore(Instant.now().minusSeconds(60))
            .notAfter(Instant.now().plus(life))
            .buildIssuedBy(root);
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    trusted.setCertificateEntry(
        "ca", Credentials.certificates(Files.readAllBytes(ca.certificate()))[0]);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(trusted);
    KeyManagerFactory keys = KeyManagerFactory.getInstance("SunX509");
    keys.init(leaf.toKeyStore(new char[0]), new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void sessionOfACertificateThatHasEndedLetsNobodyIn(String version) throws Exception {
    SSLContext context = shortLived(Duration.ofSeconds(3));
    try (TestSidecar sidecar =
        TestConfig.to(app)
            .downstreamTls(
                ca.issue("localhost"),
                "validation_context: {trusted_ca: {filename: %s}}"
                    .formatted(folder.resolve("both.pem")),
                "require_client_certificate: true")
            .start()) {
      assertTrue(call(context, sidecar.port(), version).answer().startsWith("HTTP/1.1 200"));
      Await.until(() -> isRefused(context, sidecar.port(), version));
      assertEquals(1, sidecar.stat("listener.in.ssl.fail_verify_error"));
    }
  }

  private static boolean isRefused(SSLContext context, int port, String version) {
    try {
      return !call(context, port, version).answer().startsWith("HTTP/1.1 200");
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void schemeThatIsForwardedIsTheConnections() throws Exception {
    try (TestSidecar sidecar =
        TestConfig.to(app).downstreamTls(ca.issue("localhost"), "", "").start()) {
      String answer = call(ca.context(), sidecar.port(), "TLSv1.3").answer();
      assertTrue(answer.contains("x-forwarded-proto: https"), answer);
    }
  }
}
