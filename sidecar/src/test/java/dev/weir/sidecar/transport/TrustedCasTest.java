package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.config.tls.ValidationContext;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.Test;

/** A CA that is trusted is one in its time, as for BoringSSL and so for Envoy. */
class TrustedCasTest {
  private final Instant now = Instant.now();

  private CertificateBuilder days(int from, int to) {
    return new CertificateBuilder()
        .ecp256()
        .subject("CN=" + from + " to " + to)
        .addExtendedKeyUsageServerAuth()
        .addExtendedKeyUsageClientAuth()
        .notBefore(now.plus(Duration.ofDays(from)))
        .notAfter(now.plus(Duration.ofDays(to)));
  }

  private X509Bundle root(int from, int to) throws Exception {
    return days(from, to).setIsCertificateAuthority(true).buildSelfSigned();
  }

  private static PeerVerifier trusting(X509Bundle... roots) {
    StringBuilder pem = new StringBuilder();
    for (X509Bundle root : roots) {
      pem.append(root.getCertificatePEM());
    }
    return PeerVerifiers.of(
        new ValidationContext(
            Optional.of(new DataSource.Inline(pem.toString().getBytes(StandardCharsets.US_ASCII))),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            false,
            Optional.empty()),
        PathRules.Use.CLIENT,
        false);
  }

  private X509Certificate[] leafOf(X509Bundle root) throws Exception {
    return new X509Certificate[] {days(-1, 1).buildIssuedBy(root).getCertificate()};
  }

  @Test
  void certificateOfARootThatHasEndedIsRefused() throws Exception {
    X509Bundle ended = root(-20, -10);
    PeerVerifier verifier = trusting(ended);
    X509Certificate[] leaf = leafOf(ended);
    assertThrows(CertificateException.class, () -> verifier.checkClientTrusted(leaf, "EC"));
    assertThrows(
        CertificateException.class, () -> verifier.checkServerTrusted(leaf, "ECDHE_ECDSA"));
  }

  @Test
  void certificateThatIsTrustedItselfIsRefusedOnceItHasEnded() throws Exception {
    X509Bundle own =
        days(-20, -10).setIsCertificateAuthority(true).addSanDnsName("a.example").buildSelfSigned();
    PeerVerifier verifier = trusting(own);
    X509Certificate[] chain = {own.getCertificate()};
    assertThrows(
        CertificateException.class, () -> verifier.checkServerTrusted(chain, "ECDHE_ECDSA"));
  }

  @Test
  void othersAreTrustedBesideOneThatHasEndedAndOneThatIsToCome() throws Exception {
    X509Bundle ended = root(-20, -10);
    X509Bundle good = root(-2, 10);
    X509Bundle next = root(5, 50);
    PeerVerifier verifier = trusting(ended, good, next);
    X509Certificate[] ofGood = leafOf(good);
    assertDoesNotThrow(() -> verifier.checkClientTrusted(ofGood, "EC"));
    X509Certificate[] ofEnded = leafOf(ended);
    X509Certificate[] ofNext = leafOf(next);
    assertThrows(CertificateException.class, () -> verifier.checkClientTrusted(ofEnded, "EC"));
    assertThrows(CertificateException.class, () -> verifier.checkClientTrusted(ofNext, "EC"));
    assertEquals(3, verifier.getAcceptedIssuers().length);
  }

  private static X509ExtendedTrustManager manager(Set<TrustAnchor> anchors) {
    try {
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(
          new CertPathTrustManagerParameters(
              new PKIXBuilderParameters(anchors, new X509CertSelector())));
      return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whichAreValidIsAskedAgainWhenOneBeginsOrEnds() throws Exception {
    X509Bundle good = root(-2, 10);
    X509Bundle next = root(5, 50);
    TrustedCas cas =
        new TrustedCas(
            List.of(good.getCertificate(), next.getCertificate()), TrustedCasTest::manager);
    long today = now.toEpochMilli();
    long day = Duration.ofDays(1).toMillis();
    assertEquals(1, cas.at(today).getAcceptedIssuers().length);
    assertEquals(next.getCertificate().getNotBefore().toInstant().toEpochMilli(), cas.until(today));
    assertEquals(2, cas.at(today + 6 * day).getAcceptedIssuers().length);
    assertEquals(1, cas.at(today + 20 * day).getAcceptedIssuers().length);
    assertEquals(1, cas.at(today).getAcceptedIssuers().length, "a clock may be set back");
    assertThrows(CertificateException.class, () -> cas.at(today + 60 * day));
  }
}
