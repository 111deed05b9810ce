package dev.weir.sidecar.transport;

import dev.weir.testkit.TestCa;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows one certificate, or none, to whoever asks for one of its kind, whatever is wrong with it:
 * the JDK's own key managers would rather show none. Any thread.
 */
final class ShownKeys extends X509ExtendedKeyManager {
  private static final String ALIAS = "own";

  private final @Nullable PrivateKey key;
  private final List<X509Certificate> chain;

  private ShownKeys(@Nullable PrivateKey key, X509Certificate... chain) {
    this.key = key;
    this.chain = List.of(chain);
  }

  static ShownKeys none() {
    return new ShownKeys(null);
  }

  /** What was issued, with all that certifies it. */
  static ShownKeys of(TestCa.Issued own) {
    return of(own.bundle().getKeyPair().getPrivate(), own.bundle().getCertificatePath());
  }

  /**
   * @param key may be that of another certificate
   */
  static ShownKeys of(PrivateKey key, X509Certificate... chain) {
    return new ShownKeys(key, chain);
  }

  /** Of a peer that shows them and takes anyone. It has no session to resume. */
  SSLContext context() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {this}, new TrustManager[] {new AnyPeer()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private @Nullable String alias(String... types) {
    return !chain.isEmpty()
            && List.of(types).contains(chain.getFirst().getPublicKey().getAlgorithm())
        ? ALIAS
        : null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(types);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return alias(type);
  }

  @Override
  public String @Nullable [] getClientAliases(String type, Principal @Nullable [] issuers) {
    return new String[] {ALIAS};
  }

  @Override
  public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
    return new String[] {ALIAS};
  }

  @Override
  public X509Certificate[] getCertificateChain(String alias) {
    return chain.toArray(X509Certificate[]::new);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(String alias) {
    return key;
  }
}
