package dev.weir.sidecar.config.tls;

import dev.weir.sidecar.config.Fetch;
import java.util.Optional;

/**
 * {@code SdsSecretConfig}: a secret by its name.
 *
 * @param fetch how it is come by; empty for one of the bootstrap, or of the sidecar's own identity
 */
public record SecretRef(String name, Optional<Fetch> fetch)
    implements CertificateSource, PeerTrust, TicketKeySource {}
