package dev.weir.sidecar.config.tls;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code DownstreamTlsContext}.
 *
 * @param requireClientCertificate false: one that is shown is looked at all the same, where there
 *     is a validation context
 * @param resumption whether clients get tickets to resume their sessions by
 * @param sessionTimeout how long a session can be resumed
 * @param ticketKeys what tickets are encrypted by; empty for keys that nobody else has
 * @param preferClientCiphers of those of TLS 1.2 that both have, what the client likes best counts
 */
public record DownstreamTls(
    CommonTls common,
    boolean requireClientCertificate,
    boolean resumption,
    Duration sessionTimeout,
    Optional<TicketKeySource> ticketKeys,
    boolean preferClientCiphers) {
  public DownstreamTls {
    if (common.certificates().isEmpty()) {
      throw new IllegalArgumentException("a server without a certificate");
    }
    if (ticketKeys.isPresent() && !resumption) {
      throw new IllegalArgumentException("keys of tickets that nobody gets");
    }
  }

  /** The secrets that it names. */
  public List<SecretRef> secrets() {
    List<SecretRef> named = new ArrayList<>(common.secrets());
    if (ticketKeys.orElse(null) instanceof SecretRef secret) {
      named.add(secret);
    }
    return named;
  }
}
