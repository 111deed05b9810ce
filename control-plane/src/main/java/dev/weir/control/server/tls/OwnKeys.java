package dev.weir.control.server.tls;

import dev.weir.control.ca.CertificateAuthority.Own;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows the control plane's certificate, and each handshake the one that is in force when it
 * begins. An alias is a serial: chain and key of one handshake are asked for apart. Any thread.
 */
final class OwnKeys extends X509ExtendedKeyManager {
  private volatile Own own;

  /** Handshakes that chose it may still be under way. */
  private volatile Own before;

  OwnKeys(Own first) {
    this.own = first;
    this.before = first;
  }

  Own inForce() {
    return own;
  }

  /** One thread at a time. */
  void renew(Own next) {
    before = own;
    own = next;
  }

  private Own of(String alias) {
    Own now = own;
    return alias.equals(alias(now)) ? now : before;
  }

  private static String alias(Own one) {
    return one.chain().getFirst().getSerialNumber().toString();
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return keyType.equals("EC") ? alias(own) : null;
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return chooseEngineServerAlias(keyType, issuers, null);
  }

  @Override
  public String[] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    return new String[] {alias(own)};
  }

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseEngineClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return List.of(keyTypes).contains("EC") ? alias(own) : null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return chooseEngineClientAlias(keyTypes, issuers, null);
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return of(alias).chain().toArray(X509Certificate[]::new);
  }

  @Override
  public PrivateKey getPrivateKey(String alias) {
    return of(alias).pair().getPrivate();
  }
}
