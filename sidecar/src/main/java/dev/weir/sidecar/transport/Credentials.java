package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.tls.DataSource;
import dev.weir.sidecar.config.tls.TlsCertificate;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Collection;

/**
 * Reads certificates and keys in PEM. What cannot be used is {@link Unfit}. Any thread; files are
 * waited for.
 */
final class Credentials {
  /** More than any chain or bundle of CAs has. */
  private static final long MOST_BYTES = 4 << 20;

  private Credentials() {}

  static OwnKeys.Own own(TlsCertificate config) {
    X509Certificate[] chain =
        Unfit.at("certificate_chain", () -> certificates(read(config.chain())));
    PrivateKey key =
        Unfit.at("private_key", () -> PrivateKeys.of(read(config.privateKey()), chain[0]));
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
}
