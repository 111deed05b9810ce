package dev.weir.control.ca;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What certificates are signed with, checked: the key is the certificate's, which is a CA's and
 * leads to one of the roots. Immutable.
 *
 * @param chain the issuing certificate and what certifies it, without roots
 * @param roots what members of the mesh trust; several while one takes the place of another
 */
record Issuer(List<X509Certificate> chain, PrivateKey key, List<X509Certificate> roots) {
  private static final byte[] SAMPLE = {1, 2, 3};

  Issuer {
    chain = List.copyOf(chain);
    roots = List.copyOf(roots);
  }

  /**
   * @throws IllegalArgumentException if they do not fit each other
   */
  static Issuer of(
      List<X509Certificate> chain, PrivateKey key, List<X509Certificate> roots, Instant now) {
    X509Certificate issuing = chain.getFirst();
    if (issuing.getBasicConstraints() < 0) {
      throw new IllegalArgumentException(
          CaFolder.CERTIFICATE + " is no CA's: its basic constraints do not say CA:TRUE");
    }
    boolean[] usage = issuing.getKeyUsage();
    if (usage != null && !usage[5]) {
      throw new IllegalArgumentException(
          CaFolder.CERTIFICATE + " may not sign certificates: its key usage lacks keyCertSign");
    }
    Issuer issuer = new Issuer(withoutRoots(chain, roots), key, roots);
    if (!issuer.signsAs(issuing)) {
      throw new IllegalArgumentException(
          CaFolder.KEY + " is not the key of " + CaFolder.CERTIFICATE);
    }
    checkPath(issuer.chain, roots, issuing, now);
    return issuer;
  }

  /** A root that signs by itself stays the one certificate of the chain's place. */
  private static List<X509Certificate> withoutRoots(
      List<X509Certificate> chain, List<X509Certificate> roots) {
    List<X509Certificate> rest = new ArrayList<>();
    rest.add(chain.getFirst());
    chain.stream().skip(1).filter(each -> !roots.contains(each)).forEach(rest::add);
    return rest;
  }

  private static void checkPath(
      List<X509Certificate> chain,
      List<X509Certificate> roots,
      X509Certificate issuing,
      Instant now) {
    if (roots.contains(issuing)) {
      if (now.isAfter(issuing.getNotAfter().toInstant())) {
        throw new IllegalArgumentException(
            CaFolder.CERTIFICATE + " ended at " + issuing.getNotAfter().toInstant());
      }
      return;
    }
    Set<TrustAnchor> anchors = new HashSet<>();
    roots.forEach(root -> anchors.add(new TrustAnchor(root, null)));
    try {
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);
    } catch (CertPathValidatorException | InvalidAlgorithmParameterException e) {
      throw new IllegalArgumentException(
          CaFolder.CERTIFICATE
              + " does not lead to a certificate of "
              + CaFolder.ROOTS
              + ": "
              + e.getMessage(),
          e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("each JDK has PKIX", e);
    }
  }

  private boolean signsAs(X509Certificate issuing) {
    try {
      Signature signature = Signature.getInstance(algorithm());
      signature.initSign(key);
      signature.update(SAMPLE);
      byte[] signed = signature.sign();
      signature.initVerify(issuing.getPublicKey());
      signature.update(SAMPLE);
      return signature.verify(signed);
    } catch (GeneralSecurityException otherKind) {
      return false;
    }
  }

  String algorithm() {
    return key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
  }

  X509Certificate certificate() {
    return chain.getFirst();
  }

  /** What a certificate of it is shown with: not the issuer where that is a root itself. */
  List<X509Certificate> intermediates() {
    return roots.contains(certificate()) ? List.of() : chain;
  }

  @Override
  public String toString() {
    return "Issuer[" + certificate().getSubjectX500Principal() + "]";
  }
}
