package dev.weir.sidecar.identity;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How it is about this workload's certificate. Immutable.
 *
 * @param spiffeId who it is
 * @param chain its certificate and what certifies it; empty: there is none yet
 * @param roots what it trusts
 * @param failure why the last try has failed; empty: it has not
 * @param failingSince since when none has succeeded
 */
public record IdentityStatus(
    String spiffeId,
    List<X509Certificate> chain,
    List<X509Certificate> roots,
    String failure,
    Optional<Instant> failingSince) {
  public IdentityStatus {
    chain = List.copyOf(chain);
    roots = List.copyOf(roots);
  }

  /** Why it cannot prove who it is at {@code now}; empty: it can. */
  public Optional<String> lacking(Instant now) {
    if (chain.isEmpty()) {
      return Optional.of(
          "no certificate yet" + (failure.isEmpty() ? ", it is asked for" : ": " + failure));
    }
    Instant ends = chain.getFirst().getNotAfter().toInstant();
    return now.isBefore(ends)
        ? Optional.empty()
        : Optional.of(
            "the certificate ended at " + ends + (failure.isEmpty() ? "" : ": " + failure));
  }
}
