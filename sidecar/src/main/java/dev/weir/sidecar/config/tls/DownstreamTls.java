package dev.weir.sidecar.config.tls;

/**
 * {@code DownstreamTlsContext}.
 *
 * @param requireClientCertificate false: one that is shown is looked at all the same, where there
 *     is a validation context
 */
public record DownstreamTls(CommonTls common, boolean requireClientCertificate) {
  public DownstreamTls {
    if (common.certificate().isEmpty()) {
      throw new IllegalArgumentException("a server without a certificate");
    }
  }
}
