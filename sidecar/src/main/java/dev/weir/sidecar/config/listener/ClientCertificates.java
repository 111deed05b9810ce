package dev.weir.sidecar.config.listener;

/**
 * {@code forward_client_cert_details} and {@code set_current_client_cert_details}: what an app is
 * told of who called, in {@code x-forwarded-client-cert}.
 *
 * @param subject whether an element of ours says it
 * @param cert the certificate
 * @param chain with those that certify it
 * @param dns all its names
 * @param uri all its names
 */
public record ClientCertificates(
    Forward forward, boolean subject, boolean cert, boolean chain, boolean dns, boolean uri) {
  /** What becomes of what the client says. */
  public enum Forward {
    SANITIZE,
    FORWARD_ONLY,
    APPEND_FORWARD,
    SANITIZE_SET,
    ALWAYS_FORWARD_ONLY
  }
}
