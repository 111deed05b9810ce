package dev.weir.sidecar.config.tls;

import java.util.List;

/**
 * {@code CertificateValidationContext}.
 *
 * @param trustedCa in PEM
 * @param subjectAltNames one of them must match; empty for none to match
 */
public record ValidationContext(DataSource trustedCa, List<SanMatch> subjectAltNames) {
  public ValidationContext {
    subjectAltNames = List.copyOf(subjectAltNames);
  }
}
