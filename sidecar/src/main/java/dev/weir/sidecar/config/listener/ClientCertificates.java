package dev.weir.sidecar.config.listener;

import java.util.Optional;
import java.util.Set;

/**
 * {@code forward_client_cert_details} and {@code set_current_client_cert_details}: what an app is
 * told of who called, in {@code x-forwarded-client-cert}.
 *
 * @param believed names in certificates of those alone whose word is looked at, {@code
 *     weir.extensions.http.forwarded_client_cert.v1alpha1.ForwardedClientCert}; empty: of anybody
 * @param subject whether an element of ours says it
 * @param cert the certificate
 * @param chain with those that certify it
 * @param dns all its names
 * @param uri all its names
 */
public record ClientCertificates(
    Optional<Set<String>> believed,
    Forward forward,
    boolean subject,
    boolean cert,
    boolean chain,
    boolean dns,
    boolean uri) {
  public ClientCertificates {
    believed = believed.map(Set::copyOf);
  }

  /** What becomes of what the client says. */
  public enum Forward {
    SANITIZE,
    FORWARD_ONLY,
    APPEND_FORWARD,
    SANITIZE_SET,
    ALWAYS_FORWARD_ONLY
  }
}
