package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.tls.CommonTls;
import dev.weir.sidecar.config.tls.DownstreamTls;
import dev.weir.sidecar.config.tls.UpstreamTls;
import dev.weir.sidecar.config.tls.ValidationContext;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Makes transport sockets from configuration: files are read, keys are held against certificates.
 * Whatever is wrong in them is an {@link Unfit} with its field. Control thread.
 */
public final class TransportSocketCompiler {
  private final Executor tasks;
  private @Nullable SecureRandom random;

  /**
   * @param tasks does the work of handshakes
   */
  public TransportSocketCompiler(Executor tasks) {
    this.tasks = tasks;
  }

  /** For a check: what it makes is thrown away. */
  public static TransportSocketCompiler scratch() {
    return new TransportSocketCompiler(Runnable::run);
  }

  /**
   * The JDK's default reads a file whenever it is asked, which an event loop must not; this one has
   * read its seed. Made when TLS is first configured, as all that TLS costs.
   */
  private SecureRandom random() {
    SecureRandom made = random;
    if (made != null) {
      return made;
    }
    try {
      SecureRandom drbg = SecureRandom.getInstance("DRBG");
      drbg.nextBytes(new byte[1]);
      // Netty asks the JDK what it can do, by contexts of its own, when it is first used: here.
      SslHandler.isEncrypted(Unpooled.wrappedBuffer(new byte[5]), false);
      random = drbg;
      return drbg;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this JDK has no DRBG", e);
    }
  }

  public TransportSocket downstream(DownstreamTls config) {
    return new TlsSocket(
        context(config.common()), config.common(), tasks, new TlsSocket.Server(auth(config)));
  }

  private static TlsSocket.ClientAuth auth(DownstreamTls config) {
    if (config.requireClientCertificate()) {
      return TlsSocket.ClientAuth.NEED;
    }
    return config.common().validation().isPresent()
        ? TlsSocket.ClientAuth.WANT
        : TlsSocket.ClientAuth.NONE;
  }

  public TransportSocket upstream(UpstreamTls config) {
    SNIHostName name =
        config.sni().isEmpty() ? null : Unfit.at("sni", () -> TlsSocket.serverName(config.sni()));
    return new TlsSocket(
        context(config.common()),
        config.common(),
        tasks,
        new TlsSocket.Client(Optional.ofNullable(name)));
  }

  /**
   * The transport socket of a cluster; one that could be made when it was checked, and can be no
   * more, makes no connection: in plaintext least of all.
   */
  public TransportSocket of(Cluster cluster) {
    if (cluster.tls().isEmpty()) {
      return TransportSocket.PLAIN;
    }
    try {
      return upstream(cluster.tls().get());
    } catch (Unfit e) {
      return new RefusingSocket(e.field() + " " + e.reason());
    }
  }

  private SSLContext context(CommonTls config) {
    return Unfit.at(
        "common_tls_context",
        () -> {
          KeyManager[] keys =
              config
                  .certificate()
                  .map(own ->
                      new KeyManager[] {
                        Unfit.at("tls_certificates[0]", () -> Credentials.own(own))
                      })
                  .orElse(new KeyManager[0]);
          TrustManager peers =
              config
                  .validation()
                  .<TrustManager>map(
                      validation -> Unfit.at("validation_context", () -> verifier(validation)))
                  .orElseGet(AnyPeer::new);
          try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {peers}, random());
            return context;
          } catch (GeneralSecurityException e) {
            throw new Unfit("", "cannot be used: " + e.getMessage());
          }
        });
  }

  private static PeerVerifier verifier(ValidationContext config) {
    X509Certificate[] trusted =
        Unfit.at(
            "trusted_ca", () -> Credentials.certificates(Credentials.read(config.trustedCa())));
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < trusted.length; i++) {
        store.setCertificateEntry("ca" + i, trusted[i]);
      }
      TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
      factory.init(store);
      for (TrustManager each : factory.getTrustManagers()) {
        if (each instanceof X509ExtendedTrustManager ca) {
          return new PeerVerifier(ca, config.subjectAltNames());
        }
      }
      throw new IllegalStateException("this JDK has no PKIX");
    } catch (GeneralSecurityException | IOException e) {
      throw new Unfit("trusted_ca", "cannot be used: " + e.getMessage());
    }
  }
}
