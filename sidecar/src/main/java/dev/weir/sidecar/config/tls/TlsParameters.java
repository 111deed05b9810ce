package dev.weir.sidecar.config.tls;

import java.util.List;

/**
 * {@code TlsParameters}.
 *
 * @param cipherSuites of TLS 1.2, as OpenSSL calls them, the first is liked best; empty for what is
 *     good. Those of TLS 1.3 cannot be chosen
 * @param curves for the exchange of keys, the first is liked best; empty for what is good
 */
public record TlsParameters(
    Version minimum, Version maximum, List<String> cipherSuites, List<String> curves) {
  public static final TlsParameters DEFAULT =
      new TlsParameters(Version.TLS_1_2, Version.TLS_1_3, List.of(), List.of());

  /** Versions of TLS, the older before the newer. */
  public enum Version {
    TLS_1_2,
    TLS_1_3
  }

  public TlsParameters {
    cipherSuites = List.copyOf(cipherSuites);
    curves = List.copyOf(curves);
    if (minimum.compareTo(maximum) > 0) {
      throw new IllegalArgumentException("no version of TLS is left");
    }
  }
}
