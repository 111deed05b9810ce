package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.tls.SanMatch;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Holds a peer to the trusted CA, and to the names it must have. A name in the URL or the SNI is no
 * name it must have: as in Envoy, that is what {@code match_typed_subject_alt_names} is for. Any
 * thread.
 */
final class PeerVerifier extends X509ExtendedTrustManager {
  /** A peer that the CA knows, by another name. */
  static final class NotTheOne extends CertificateException {
    private static final long serialVersionUID = 1;

    NotTheOne(String message) {
      super(message);
    }
  }

  private final X509ExtendedTrustManager ca;
  private final List<SanMatcher> names;

  PeerVerifier(X509ExtendedTrustManager ca, List<SanMatch> names) {
    this.ca = ca;
    this.names = names.stream().map(SanMatcher::new).toList();
  }

  private void checkName(X509Certificate peer) throws CertificateException {
    if (names.isEmpty()) {
      return;
    }
    Collection<List<?>> shown = peer.getSubjectAlternativeNames();
    List<String> others = new ArrayList<>();
    for (List<?> each : shown == null ? List.<List<?>>of() : shown) {
      for (SanMatcher name : names) {
        if (name.matches(each)) {
          return;
        }
      }
      others.add(String.valueOf(each.get(1)));
    }
    throw new NotTheOne("the peer's certificate is for " + others + ", none of which is expected");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    ca.checkClientTrusted(chain, type, engine);
    checkName(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    ca.checkServerTrusted(chain, type, engine);
    checkName(chain[0]);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    ca.checkClientTrusted(chain, type, socket);
    checkName(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    ca.checkServerTrusted(chain, type, socket);
    checkName(chain[0]);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    ca.checkClientTrusted(chain, type);
    checkName(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    ca.checkServerTrusted(chain, type);
    checkName(chain[0]);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return ca.getAcceptedIssuers();
  }
}
