package dev.weir.sidecar.config.tls;

/**
 * {@code TlsCertificate}, both in PEM: the certificate with its intermediates, and its key in PKCS
 * #8.
 */
public record TlsCertificate(DataSource chain, DataSource privateKey)
    implements CertificateSource, Secret.Content {}
