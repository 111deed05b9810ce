package dev.weir.sidecar.transport;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What Envoy, by BoringSSL, holds a path to and the JDK does not: the trusted CA must not have
 * ended, a certificate above the peer's may be for no other use than the peer's, "any" is none, and
 * only so many may be between. Of one validation at a time; the JDK clones it.
 */
final class PathRules extends PKIXCertPathChecker {
  /** What a peer shows its certificate for. */
  enum Use {
    CLIENT("1.3.6.1.5.5.7.3.2"),
    SERVER("1.3.6.1.5.5.7.3.1");

    private final String oid;

    Use(String oid) {
      this.oid = oid;
    }
  }

  private final List<X509Certificate> trusted;
  private final Use use;
  private final int mostIntermediates;
  private final LongSupplier millis;

  /** Certificates above the next one, without the trusted one. */
  private int above;

  /**
   * @param millis the time of day
   */
  PathRules(List<X509Certificate> trusted, Use use, int mostIntermediates, LongSupplier millis) {
    this.trusted = List.copyOf(trusted);
    this.use = use;
    this.mostIntermediates = mostIntermediates;
    this.millis = millis;
  }

  @Override
  public void init(boolean forward) throws CertPathValidatorException {
    if (forward) {
      throw new CertPathValidatorException("a path is looked at from the trusted CA on");
    }
    above = 0;
  }

  @Override
  public boolean isForwardCheckingSupported() {
    return false;
  }

  @Override
  public @Nullable Set<String> getSupportedExtensions() {
    return null;
  }

  @Override
  public void check(Certificate certificate, Collection<String> unresolved)
      throws CertPathValidatorException {
    if (!(certificate instanceof X509Certificate each)) {
      throw new CertPathValidatorException("it is none of X.509");
    }
    if (above == 0) {
      checkTrusted(each);
    }
    if (above > mostIntermediates) {
      throw new CertPathValidatorException(
          "more than " + mostIntermediates + " certificates are between it and the trusted CA");
    }
    checkUse(each);
    above++;
  }

  /** That one of the trusted CAs that may have issued it has not ended. */
  private void checkTrusted(X509Certificate first) throws CertPathValidatorException {
    List<X509Certificate> named =
        trusted.stream()
            .filter(each -> each.getSubjectX500Principal().equals(first.getIssuerX500Principal()))
            .toList();
    if (named.stream().allMatch(this::valid)) {
      return; // whichever it is: whether one has signed it is looked at by the JDK
    }
    if (named.stream().noneMatch(each -> valid(each) && issued(each, first))) {
      throw new CertPathValidatorException("the trusted CA has expired, or is not yet valid");
    }
  }

  private boolean valid(X509Certificate each) {
    try {
      each.checkValidity(Date.from(Instant.ofEpochMilli(millis.getAsLong())));
      return true;
    } catch (CertificateException e) {
      return false;
    }
  }

  private static boolean issued(X509Certificate issuer, X509Certificate certificate) {
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private void checkUse(X509Certificate each) throws CertPathValidatorException {
    try {
      List<String> uses = each.getExtendedKeyUsage();
      if (uses != null && !uses.contains(use.oid)) {
        throw new CertPathValidatorException(
            "\"" + each.getSubjectX500Principal().getName() + "\" is for other uses: " + uses);
      }
    } catch (CertificateParsingException e) {
      throw new CertPathValidatorException(e);
    }
  }
}
