package dev.weir.sidecar.config.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code CommonTlsContext}.
 *
 * @param certificates who we are; a server has one at least. Of several, the one that fits the
 *     peer's wishes is shown
 * @param trust what the peer must be; without it any peer is taken
 * @param alpnProtocols offered or taken, the first is liked best; empty for no ALPN of its own
 */
public record CommonTls(
    List<CertificateSource> certificates,
    Optional<PeerTrust> trust,
    List<String> alpnProtocols,
    TlsParameters parameters) {
  public CommonTls {
    certificates = List.copyOf(certificates);
    alpnProtocols = List.copyOf(alpnProtocols);
  }

  /** The secrets that it names. */
  public List<SecretRef> secrets() {
    List<SecretRef> named = new ArrayList<>();
    for (CertificateSource each : certificates) {
      if (each instanceof SecretRef secret) {
        named.add(secret);
      }
    }
    trust.ifPresent(each -> {
      switch (each) {
        case SecretRef secret -> named.add(secret);
        case PeerTrust.Combined combined -> named.add(combined.secret());
        case ValidationContext _ -> {}
      }
    });
    return named;
  }
}
