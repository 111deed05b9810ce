package dev.weir.control.ca;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.util.io.pem.PemObjectGenerator;

/** Certificates and keys as text. What cannot be read is an IOException that quotes nothing. */
final class Pem {
  private Pem() {}

  static String of(Collection<X509Certificate> certificates) {
    try (StringWriter text = new StringWriter();
        JcaPEMWriter writer = new JcaPEMWriter(text)) {
      for (X509Certificate certificate : certificates) {
        writer.writeObject(certificate);
      }
      writer.flush();
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("a certificate cannot be written", e);
    }
  }

  /** In PKCS #8. */
  static String of(PrivateKey key) {
    try (StringWriter text = new StringWriter();
        JcaPEMWriter writer = new JcaPEMWriter(text)) {
      PemObjectGenerator generator = new JcaPKCS8Generator(key, null);
      writer.writeObject(generator);
      writer.flush();
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException("a key cannot be written", e);
    }
  }

  /** One at least. */
  static List<X509Certificate> certificates(String pem) throws IOException {
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
      throw new IOException("has no certificate in PEM", e);
    }
    if (all.isEmpty()) {
      throw new IOException("has no certificate in PEM");
    }
    return all;
  }

  /** PKCS #8, or as OpenSSL writes keys of EC and RSA; without a password. */
  static PrivateKey key(String pem) throws IOException {
    try (PEMParser parser = new PEMParser(new StringReader(pem))) {
      JcaPEMKeyConverter converter = new JcaPEMKeyConverter();
      for (Object each = parser.readObject(); each != null; each = parser.readObject()) {
        if (each instanceof PEMKeyPair pair) {
          return converter.getPrivateKey(pair.getPrivateKeyInfo());
        }
        if (each instanceof PrivateKeyInfo info) {
          return converter.getPrivateKey(info);
        }
      }
    } catch (IOException | RuntimeException e) {
      throw new IOException("has no private key in PEM without a password"); // e may quote it
    }
    throw new IOException("has no private key in PEM without a password");
  }
}
