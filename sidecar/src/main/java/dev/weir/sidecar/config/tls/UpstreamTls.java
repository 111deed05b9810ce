package dev.weir.sidecar.config.tls;

import java.util.List;

/**
 * {@code UpstreamTlsContext}.
 *
 * @param sni the server's name; empty for none
 * @param autoSniSanValidation the peer's certificate must be for the server's name that is sent
 * @param sessions kept to be resumed, at most; 0 for none
 */
public record UpstreamTls(
    CommonTls common, String sni, boolean autoSniSanValidation, int sessions) {
  /** The secrets that it names. */
  public List<SecretRef> secrets() {
    return common.secrets();
  }
}
