package dev.weir.sidecar.identity;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.PublicKey;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What a CA has answered, looked at.
 *
 * @param chain the certificate, and what certifies it
 * @param roots what it leads to, and what else is to be trusted
 */
record Issued(List<X509Certificate> chain, List<X509Certificate> roots) {
  private static final int URI = 6;
  private static final int MOST_TEXTS = 32;

  Issued {
    chain = List.copyOf(chain);
    roots = List.copyOf(roots);
  }

  /**
   * @throws IllegalArgumentException if it is not what was asked for
   */
  static Issued of(List<String> texts, PublicKey key, String spiffeId, Instant now) {
    if (texts.size() < 2 || texts.size() > MOST_TEXTS) {
      throw new IllegalArgumentException(
          "the CA's answer has " + texts.size() + " texts; it must have a certificate and roots");
    }
    List<X509Certificate> chain = new ArrayList<>();
    texts.subList(0, texts.size() - 1).forEach(text -> chain.addAll(Certificates.of(text)));
    Issued issued = new Issued(chain, Certificates.of(texts.getLast()));
    X509Certificate certificate = chain.getFirst();
    if (!certificate.getPublicKey().equals(key)) {
      throw new IllegalArgumentException("the CA's answer is for another key");
    }
    if (!uris(certificate).equals(List.of(spiffeId))) {
      throw new IllegalArgumentException(
          "the CA's answer is for " + uris(certificate) + " and not for " + spiffeId);
    }
    Instant begins = certificate.getNotBefore().toInstant();
    Instant ends = certificate.getNotAfter().toInstant();
    if (!ends.isAfter(now)) {
      throw new IllegalArgumentException(
          "the CA's answer ended at " + ends + ", and here it is " + now + ": a clock is wrong");
    }
    if (begins.isAfter(now)) {
      throw new IllegalArgumentException(
          "the CA's answer begins at " + begins + ", and here it is " + now + ": a clock is wrong");
    }
    issued.checkPath(now);
    return issued;
  }

  static List<String> uris(X509Certificate certificate) {
    List<String> uris = new ArrayList<>();
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      if (names != null) {
        for (List<?> name : names) {
          if (name.get(0).equals(URI) && name.get(1) instanceof String uri) {
            uris.add(uri);
          }
        }
      }
    } catch (CertificateException e) {
      throw new IllegalArgumentException("the CA's answer has names that cannot be read", e);
    }
    return uris;
  }

  private void checkPath(Instant now) {
    Set<TrustAnchor> anchors = new HashSet<>();
    roots.forEach(root -> anchors.add(new TrustAnchor(root, null)));
    List<X509Certificate> path =
        chain.stream().filter(certificate -> !roots.contains(certificate)).toList();
    try {
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(now));
      CertPathValidator.getInstance("PKIX")
          .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    } catch (CertPathValidatorException | InvalidAlgorithmParameterException e) {
      throw new IllegalArgumentException(
          "the CA's answer does not lead to its roots: " + e.getMessage(), e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("each JDK has PKIX", e);
    }
  }
}
