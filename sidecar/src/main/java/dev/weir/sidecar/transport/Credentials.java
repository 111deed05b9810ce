package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.config.tls.TlsCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads certificates and keys in PEM. What cannot be used is {@link Unfit}. Any thread; files are
 * waited for.
 */
final class Credentials {
  /** More than any chain or bundle of CAs has. */
  private static final long MOST_BYTES = 4 << 20;

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN ([A-Z ]*)PRIVATE KEY-----([^-]*)-----END");

  private Credentials() {}

  static OwnKeys.Own own(TlsCertificate config) {
    X509Certificate[] chain =
        Unfit.at("certificate_chain", () -> certificates(read(config.chain())));
    PrivateKey key = Unfit.at("private_key", () -> privateKey(read(config.privateKey()), chain[0]));
    return new OwnKeys.Own(chain, key);
  }

  static byte[] read(DataSource source) {
    return switch (source) {
      case DataSource.Inline inline -> inline.bytes();
      case DataSource.File(String path) -> file(Path.of(path));
    };
  }

  /** What is read of {@code source}, in its place; {@link Unfit} where it cannot be. */
  static DataSource.Inline inline(String field, DataSource source) {
    return Unfit.at(
        field,
        () ->
            switch (source) {
              case DataSource.Inline inline -> inline;
              case DataSource.File file -> new DataSource.Inline(read(file));
            });
  }

  private static byte[] file(Path path) {
    try {
      if (Files.size(path) > MOST_BYTES) {
        throw new Unfit("filename", path + " is over " + MOST_BYTES + " bytes");
      }
      return Files.readAllBytes(path);
    } catch (NoSuchFileException e) {
      throw new Unfit("filename", "there is no " + path);
    } catch (IOException e) {
      throw new Unfit("filename", path + " cannot be read: " + e.getMessage());
    }
  }

  /** One at least. */
  static X509Certificate[] certificates(byte[] pem) {
    try {
      Collection<? extends Certificate> read =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem));
      if (read.isEmpty()) {
        throw new Unfit("", "has no certificate in PEM");
      }
      return read.toArray(X509Certificate[]::new);
    } catch (CertificateException e) {
      throw new Unfit("", "has no certificate in PEM: " + e.getMessage());
    }
  }

  private static PrivateKey privateKey(byte[] pem, X509Certificate certificate) {
    Matcher found = KEY.matcher(new String(pem, StandardCharsets.ISO_8859_1));
    if (!found.find()) {
      throw new Unfit("", "has no private key in PEM");
    }
    if (!found.group(1).isEmpty()) {
      throw new Unfit(
          "",
          "has a key of kind \""
              + found.group(1).strip()
              + "\"; it must be in PKCS #8, without a password: openssl pkcs8 -topk8 -nodes");
    }
    String algorithm = certificate.getPublicKey().getAlgorithm();
    PrivateKey key;
    try {
      byte[] der = Base64.getMimeDecoder().decode(found.group(2));
      key = KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      // Its message may quote the key.
      throw new Unfit("", "has no key of the kind that its certificate has, " + algorithm);
    }
    if (!fits(key, certificate)) {
      throw new Unfit("", "is not the key of its certificate");
    }
    return key;
  }

  private static boolean fits(PrivateKey key, X509Certificate certificate) {
    byte[] sample = {1, 2, 3};
    String scheme =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> key.getAlgorithm();
        };
    try {
      Signature signature = Signature.getInstance(scheme);
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(certificate.getPublicKey());
      signature.update(sample);
      return signature.verify(signed);
    } catch (GeneralSecurityException e) {
      throw new Unfit("", "cannot sign: " + e.getMessage());
    }
  }
}
