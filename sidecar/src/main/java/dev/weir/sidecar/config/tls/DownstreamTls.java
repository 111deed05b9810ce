package dev.weir.sidecar.config.tls;

import java.time.Duration;

/**
 * {@code DownstreamTlsContext}.
 *
 * @param requireClientCertificate false: one that is shown is looked at all the same, where there
 *     is a validation context
 * @param resumption whether clients get tickets to resume their sessions by
 * @param sessionTimeout how long a session can be resumed
 */
public record DownstreamTls(
    CommonTls common,
    boolean requireClientCertificate,
    boolean resumption,
    Duration sessionTimeout) {
  public DownstreamTls {
    if (common.certificates().isEmpty()) {
      throw new IllegalArgumentException("a server without a certificate");
    }
  }
}
