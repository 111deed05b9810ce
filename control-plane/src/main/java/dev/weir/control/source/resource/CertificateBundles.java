package dev.weir.control.source.resource;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;

/** What texts are certificates in PEM, and nothing else that is secret. */
public final class CertificateBundles {
  /** What is said of one that is none. */
  public static final String WANTED = "no bundle of certificates in PEM, or not that alone";

  private CertificateBundles() {}

  /** Whether it is one, of one certificate at least. */
  public static boolean isOne(String text) {
    if (!text.contains("-----BEGIN CERTIFICATE-----") || text.contains("PRIVATE KEY")) {
      return false;
    }
    try {
      return !CertificateFactory.getInstance("X.509")
          .generateCertificates(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)))
          .isEmpty();
    } catch (CertificateException e) {
      return false;
    }
  }
}
