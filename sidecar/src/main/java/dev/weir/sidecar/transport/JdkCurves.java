package dev.weir.sidecar.transport;

import io.netty.handler.ssl.DelegatingSslContext;
import io.netty.handler.ssl.SslContext;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * The JDK's engines take these curves alone: Netty's builder has a setting for BoringSSL's only.
 */
final class JdkCurves extends DelegatingSslContext {
  private static final Map<String, String> STANDARD =
      Map.of("X25519", "x25519", "P-256", "secp256r1", "P-384", "secp384r1", "P-521", "secp521r1");

  private final String[] names;

  /**
   * @param curves as OpenSSL calls them; one that the JDK does not have is none
   */
  JdkCurves(SslContext context, List<String> curves) {
    super(context);
    this.names =
        curves.stream().map(each -> STANDARD.getOrDefault(each, each)).toArray(String[]::new);
  }

  @Override
  protected void initEngine(SSLEngine engine) {
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setNamedGroups(names);
    engine.setSSLParameters(parameters);
  }
}
