package dev.weir.control.server.tls;

import dev.weir.control.model.SpiffeId;
import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts whom the mesh's roots certify, as clients, and as a server the control plane alone. Any
 * thread.
 */
final class MeshPeers extends X509ExtendedTrustManager {
  private final SpiffeId self;
  private volatile X509ExtendedTrustManager trusted;

  /**
   * @param self who a server must be
   */
  MeshPeers(SpiffeId self, List<X509Certificate> roots) {
    this.self = self;
    this.trusted = trusting(roots);
  }

  /** From the next handshake on. */
  void trust(List<X509Certificate> roots) {
    trusted = trusting(roots);
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

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    // Not by the engine: it would hold a client's certificate against the name of its host.
    trusted.checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    trusted.checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trusted.checkClientTrusted(chain, type);
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
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trusted.checkServerTrusted(chain, type);
    if (!Svid.identity(chain[0]).equals(Optional.of(self))) {
      throw new CertificateException("it is not a control plane of this mesh");
    }
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0]; // none is named: a client has one certificate of the mesh
  }
}
