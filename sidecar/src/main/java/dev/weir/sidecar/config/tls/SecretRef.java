package dev.weir.sidecar.config.tls;

import java.time.Duration;

/**
 * {@code SdsSecretConfig}: a secret by its name.
 *
 * @param initialFetchTimeout how long it is waited for at first; zero is no limit
 */
public record SecretRef(String name, Duration initialFetchTimeout)
    implements CertificateSource, PeerTrust {}
