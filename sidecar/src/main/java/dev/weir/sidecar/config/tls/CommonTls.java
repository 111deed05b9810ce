package dev.weir.sidecar.config.tls;

import java.util.List;
import java.util.Optional;

/**
 * {@code CommonTlsContext}.
 *
 * @param certificate who we are; a server has one
 * @param validation what the peer must be; without it any peer is taken
 * @param alpnProtocols offered or taken, the first is liked best; empty for no ALPN of its own
 */
public record CommonTls(
    Optional<TlsCertificate> certificate,
    Optional<ValidationContext> validation,
    List<String> alpnProtocols,
    Version minimum,
    Version maximum) {
  /** Versions of TLS, the older before the newer. */
  public enum Version {
    TLS_1_2,
    TLS_1_3
  }

  public CommonTls {
    alpnProtocols = List.copyOf(alpnProtocols);
    if (minimum.compareTo(maximum) > 0) {
      throw new IllegalArgumentException("no version of TLS is left");
    }
  }
}
