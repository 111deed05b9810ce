package dev.weir.control.server.tls;

import dev.weir.control.ca.CertificateAuthority;
import dev.weir.control.ca.Refused;
import dev.weir.control.model.SpiffeId;
import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;

/**
 * TLS between the control plane and who streams from it, and between control planes: its own
 * certificate is one of the CA's, and so is that of a client, which may have none yet. Handshakes
 * go by what is in force when they begin. Any thread, but for {@link #renew}, which is for one at a
 * time.
 */
public final class ServerTls implements AutoCloseable {
  private static final List<String> PROTOCOLS = List.of("TLSv1.2", "TLSv1.3");

  private static final ApplicationProtocolConfig HTTP_2 =
      new ApplicationProtocolConfig(
          ApplicationProtocolConfig.Protocol.ALPN,
          ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
          ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2);

  private final CertificateAuthority authority;
  private final List<String> names;
  private final Clock clock;
  private final Consumer<String> told;
  private final OwnKeys own;
  private final MeshPeers peers;
  private List<X509Certificate> roots;

  /** Of BoringSSL, whose contexts have one certificate each; also their lock. */
  private final List<RenewedContext> renewed = new ArrayList<>();

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
      this.own = new OwnKeys(authority.own(identity(authority), this.names));
    } catch (Refused e) {
      throw new IOException("the control plane gets no certificate: " + e.getMessage(), e);
    }
    this.roots = authority.roots();
    this.peers = new MeshPeers(identity(authority), roots);
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
      peers.trust(now);
      roots = now;
    }
    X509Certificate certificate = own.inForce().chain().getFirst();
    Instant from = certificate.getNotBefore().toInstant();
    Duration half = Duration.between(from, certificate.getNotAfter().toInstant()).dividedBy(2);
    if (otherSigner || clock.instant().isAfter(from.plus(half))) {
      try {
        show(authority.own(identity(authority), names));
      } catch (Refused | SSLException e) {
        told.accept(
            "the control plane's certificate is not renewed, and ends at "
                + certificate.getNotAfter().toInstant()
                + ": "
                + e.getMessage());
      }
    }
  }

  private void show(CertificateAuthority.Own next) throws SSLException {
    synchronized (renewed) {
      List<SslContext> made = new ArrayList<>();
      try {
        for (RenewedContext each : renewed) {
          made.add(boringssl(each.isClient(), next));
        }
      } catch (SSLException e) {
        made.forEach(ReferenceCountUtil::release);
        throw e;
      }
      own.renew(next);
      for (int i = 0; i < made.size(); i++) {
        renewed.get(i).renew(made.get(i));
      }
    }
  }

  /** For grpc-java's server, until this is closed. */
  public SslContext context() throws IOException {
    return context(false);
  }

  /**
   * For a client of another control plane, until this is closed: it proves that it is one, and
   * trusts nobody else.
   */
  public SslContext clientContext() throws IOException {
    return context(true);
  }

  private SslContext context(boolean client) throws IOException {
    return switch (TlsProvider.standard()) {
      case JDK -> jdk(client);
      case BORINGSSL -> {
        RenewedContext made;
        synchronized (renewed) {
          made = new RenewedContext(boringssl(client, own.inForce()));
          renewed.add(made);
        }
        yield made;
      }
    };
  }

  /** Of the one certificate, whose key is read once. */
  private SslContext boringssl(boolean client, CertificateAuthority.Own shown) throws SSLException {
    KeyManagerFactory keys =
        new OpenSslCachingX509KeyManagerFactory(new OwnKeysFactory(new OwnKeys(shown)), 1);
    SslContextBuilder builder =
        client
            ? SslContextBuilder.forClient().keyManager(keys).endpointIdentificationAlgorithm(null)
            : SslContextBuilder.forServer(keys).clientAuth(ClientAuth.OPTIONAL);
    SslContext made =
        builder
            .sslProvider(SslProvider.OPENSSL_REFCNT)
            .trustManager(peers)
            .protocols(PROTOCOLS)
            .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
            .applicationProtocolConfig(HTTP_2)
            .build();
    if (made.sessionContext() instanceof OpenSslSessionContext sessions) {
      sessions.setSessionCacheEnabled(false);
    }
    return made;
  }

  /** Netty's builder tries out how the JDK wraps managers, for a third of a second. */
  private SslContext jdk(boolean client) throws SSLException {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(new KeyManager[] {own}, new TrustManager[] {peers}, null);
      return new JdkSslContext(
          tls,
          client,
          Http2SecurityUtil.CIPHERS,
          SupportedCipherSuiteFilter.INSTANCE,
          HTTP_2,
          client ? ClientAuth.NONE : ClientAuth.OPTIONAL,
          PROTOCOLS.toArray(String[]::new),
          false);
    } catch (GeneralSecurityException e) {
      throw new SSLException(e);
    }
  }

  /** For a server that asks nobody for a certificate. */
  public SSLContext serverContext() throws IOException {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(new KeyManager[] {own}, null, null);
      return tls;
    } catch (GeneralSecurityException e) {
      throw new IOException("there is no TLS: " + e.getMessage(), e);
    }
  }

  /** No handshake begins any more; those that have go on. */
  @Override
  public void close() {
    synchronized (renewed) {
      renewed.forEach(RenewedContext::close);
    }
  }
}
