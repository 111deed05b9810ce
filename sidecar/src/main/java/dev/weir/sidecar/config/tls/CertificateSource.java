package dev.weir.sidecar.config.tls;

/** Where a certificate of our own comes from, with its key. */
public sealed interface CertificateSource permits TlsCertificate, SecretRef {}
