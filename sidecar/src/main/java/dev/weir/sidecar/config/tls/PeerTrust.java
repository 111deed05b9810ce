package dev.weir.sidecar.config.tls;

/** Where it is said what a peer must be. */
public sealed interface PeerTrust permits ValidationContext, SecretRef, PeerTrust.Combined {
  /**
   * {@code combined_validation_context}: lists of both are joined, of what can be there once the
   * secret's is the one that counts.
   */
  record Combined(ValidationContext given, SecretRef secret) implements PeerTrust {}
}
