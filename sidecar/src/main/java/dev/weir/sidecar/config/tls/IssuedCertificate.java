package dev.weir.sidecar.config.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate that this process has had issued, with its intermediates. Its key is of this
 * process alone: it is no text, and is never shown.
 */
public record IssuedCertificate(List<X509Certificate> chain, PrivateKey key)
    implements Secret.Content {
  public IssuedCertificate {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("no certificate");
    }
  }

  @Override
  public IssuedCertificate with(DataSource.Change change) {
    return this;
  }

  @Override
  public String toString() {
    return "IssuedCertificate[" + chain.getFirst().getSerialNumber().toString(16) + "]";
  }
}
