package dev.weir.sidecar.transport;

import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXCertPathChecker;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Envoy, by BoringSSL, holds a path to and the JDK does not: a certificate above the peer's
 * may be for no other use than the peer's, "any" is none, and only so many may be between. Of one
 * validation at a time; the JDK clones it.
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

  private final Use use;
  private final int mostIntermediates;

  /** Certificates above the next one, without the trusted one. */
  private int above;

  PathRules(Use use, int mostIntermediates) {
    this.use = use;
    this.mostIntermediates = mostIntermediates;
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
    if (above > mostIntermediates) {
      throw new CertPathValidatorException(
          "more than " + mostIntermediates + " certificates are between it and the trusted CA");
    }
    checkUse(each);
    above++;
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
