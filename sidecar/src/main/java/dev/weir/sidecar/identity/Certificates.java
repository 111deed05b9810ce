package dev.weir.sidecar.identity;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Certificates in PEM. Any thread. */
public final class Certificates {
  private static final int MOST_CHARACTERS = 1 << 20;

  private Certificates() {}

  /**
   * One at least.
   *
   * @throws IllegalArgumentException with what is wrong, to be read behind a name: "has no ..."
   */
  public static List<X509Certificate> of(String pem) {
    if (pem.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException("has more than " + MOST_CHARACTERS + " characters");
    }
    List<X509Certificate> all = new ArrayList<>();
    try {
      Collection<? extends Certificate> read =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(
                  new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1)));
      for (Certificate each : read) {
        if (each instanceof X509Certificate certificate) {
          all.add(certificate);
        }
      }
    } catch (CertificateException e) {
      throw new IllegalArgumentException("has no certificate in PEM", e);
    }
    if (all.isEmpty()) {
      throw new IllegalArgumentException("has no certificate in PEM");
    }
    return all;
  }
}
