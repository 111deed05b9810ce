package dev.weir.sidecar.config.tls;

/**
 * {@code UpstreamTlsContext}.
 *
 * @param sni the server's name; empty for none
 */
public record UpstreamTls(CommonTls common, String sni) {}
