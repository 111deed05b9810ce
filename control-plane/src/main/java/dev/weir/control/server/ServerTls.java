package dev.weir.control.server;

import dev.weir.control.ca.CertificateAuthority;
import dev.weir.control.ca.Refused;
import dev.weir.control.model.SpiffeId;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS between the control plane and who streams from it, and between control planes: its own
 * certificate is one of the CA's, and so is that of a client, which may have none yet. Handshakes
 * go by what is in force when they begin. Any thread, but for {@link #renew}, which is for one at a
 * time.
 */
public final class ServerTls {
  private final CertificateAuthority authority;
  private final List<String> names;
  private final Clock clock;
  private final Consumer<String> told;
  private volatile CertificateAuthority.Own own;

  /** Handshakes that chose it may still be under way. */
  private volatile CertificateAuthority.Own before;

  private volatile X509ExtendedTrustManager peers;
  private List<X509Certificate> roots = List.of();

  /**
   * @param names what clients may call it
   * @param told is told what goes wrong, a line each
   */
  public ServerTls(
      CertificateAuthority authority, List<String> names, Clock clock, Consumer<String> told)
      throws IOException {
    this.authority = authority;
    this.names = List.copyOf(names);
    this.clock = clock;
    this.told = told;
    try {
      this.own = authority.own(identity(authority), this.names);
    } catch (Refused e) {
      throw new IOException("the control plane gets no certificate: " + e.getMessage(), e);
    }
    this.before = own;
    this.roots = authority.roots();
    this.peers = trusting(roots);
  }

  /** Who the control plane is. */
  public static SpiffeId identity(CertificateAuthority authority) {
    return new SpiffeId(authority.trustDomain(), "weir-system", "weir-control-plane");
  }

  /**
   * Follows the CA: another certificate at half of the time of the one before, and when it signs
   * with something else.
   *
   * @param otherSigner whether it does
   */
  public void renew(boolean otherSigner) {
    List<X509Certificate> now = authority.roots();
    if (!now.equals(roots)) {
      peers = trusting(now);
      roots = now;
    }
    X509Certificate certificate = own.chain().getFirst();
    Instant from = certificate.getNotBefore().toInstant();
    Duration half = Duration.between(from, certificate.getNotAfter().toInstant()).dividedBy(2);
    if (otherSigner || clock.instant().isAfter(from.plus(half))) {
      try {
        before = own;
        own = authority.own(identity(authority), names);
      } catch (Refused e) {
        told.accept(
            "the control plane's certificate is not renewed, and ends at "
                + certificate.getNotAfter().toInstant()
                + ": "
                + e.getMessage());
      }
    }
  }

  /** For grpc-java's server. */
  public SslContext context() throws SSLException {
    return context(false);
  }

  /** For a client of another control plane: it proves that it is one, and trusts nobody else. */
  public SslContext clientContext() throws SSLException {
    return context(true);
  }

  /**
   * Made of the JDK's own: Netty's builder tries out how the JDK wraps managers, for a third of a
   * second.
   */
  private SslContext context(boolean client) throws SSLException {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(new KeyManager[] {new Keys()}, new TrustManager[] {new Peers()}, null);
      return new JdkSslContext(
          tls,
          client,
          Http2SecurityUtil.CIPHERS,
          SupportedCipherSuiteFilter.INSTANCE,
          new ApplicationProtocolConfig(
              ApplicationProtocolConfig.Protocol.ALPN,
              ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
              ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
              ApplicationProtocolNames.HTTP_2),
          client ? ClientAuth.NONE : ClientAuth.OPTIONAL,
          new String[] {"TLSv1.2", "TLSv1.3"},
          false);
    } catch (GeneralSecurityException e) {
      throw new SSLException(e);
    }
  }

  /** For a server that asks nobody for a certificate. */
  public SSLContext serverContext() throws IOException {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(new KeyManager[] {new Keys()}, null, null);
      return tls;
    } catch (GeneralSecurityException e) {
      throw new IOException("there is no TLS: " + e.getMessage(), e);
    }
  }

  private static X509ExtendedTrustManager trusting(List<X509Certificate> roots) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int i = 0; i < roots.size(); i++) {
        store.setCertificateEntry("root-" + i, roots.get(i));
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      for (TrustManager each : factory.getTrustManagers()) {
        if (each instanceof X509ExtendedTrustManager manager) {
          return manager;
        }
      }
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("roots that were read cannot be trusted", e);
    }
    throw new IllegalStateException("this JDK has no PKIX");
  }

  /**
   * An alias is the serial of a certificate: chain and key of one handshake are asked for apart.
   */
  private final class Keys extends X509ExtendedKeyManager {
    private CertificateAuthority.Own of(String alias) {
      CertificateAuthority.Own now = own;
      return alias.equals(alias(now)) ? now : before;
    }

    private static String alias(CertificateAuthority.Own one) {
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

  private final class Peers extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      // Not by the engine: it would hold a client's certificate against the name of its host.
      peers.checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      peers.checkClientTrusted(chain, type);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      peers.checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      checkServerTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      checkServerTrusted(chain, type);
    }

    /** By its identity, whatever its address. */
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      peers.checkServerTrusted(chain, type);
      if (!Identification.identity(chain[0]).equals(Optional.of(identity(authority)))) {
        throw new CertificateException("it is not a control plane of this mesh");
      }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0]; // none is named: a client has one certificate of the mesh
    }
  }
}
