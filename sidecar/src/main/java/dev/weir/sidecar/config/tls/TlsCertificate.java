package dev.weir.sidecar.config.tls;

/** {@code TlsCertificate}, both in PEM: the certificate with its intermediates, and its key. */
public record TlsCertificate(DataSource chain, DataSource privateKey)
    implements CertificateSource, Secret.Content {
  @Override
  public TlsCertificate with(DataSource.Change change) {
    return new TlsCertificate(
        change.of("certificate_chain", chain), change.of("private_key", privateKey));
  }
}
