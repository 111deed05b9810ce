package dev.weir.sidecar.transport;

import dev.weir.sidecar.config.tls.SanMatch;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Holds a peer to the trusted CA, to the hashes and to the names it must have. A name in the URL is
 * no name it must have: as in Envoy, that is what {@code match_typed_subject_alt_names} is for. Who
 * was found good is not verified again for a while: a workload's peers are few, and call often. Any
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

  /** A peer with another certificate than those that are held to. */
  static final class OtherHash extends CertificateException {
    private static final long serialVersionUID = 1;

    OtherHash(String message) {
      super(message);
    }
  }

  private static final int MOST_KNOWN = 1024;
  private static final long KNOWN_FOR = TimeUnit.MINUTES.toMillis(10);

  private final Optional<X509ExtendedTrustManager> ca;
  private final List<SanMatcher> names;
  private final Set<String> certificateHashes;
  private final Set<String> spkiHashes;
  private final boolean nameOfServer;
  private final LongSupplier millis;

  /** Until when, by the hash of a certificate. */
  private final ConcurrentHashMap<ByteBuffer, Long> known = new ConcurrentHashMap<>();

  /**
   * @param ca empty: the hashes decide alone
   * @param certificateHashes in hex
   * @param spkiHashes in base64
   * @param nameOfServer the certificate must be for the server name that is sent
   * @param millis the time of day
   */
  PeerVerifier(
      Optional<X509ExtendedTrustManager> ca,
      List<SanMatch> names,
      Set<String> certificateHashes,
      Set<String> spkiHashes,
      boolean nameOfServer,
      LongSupplier millis) {
    this.ca = ca;
    this.names = names.stream().map(SanMatcher::new).toList();
    this.certificateHashes = certificateHashes;
    this.spkiHashes = spkiHashes;
    this.nameOfServer = nameOfServer;
    this.millis = millis;
  }

  private interface Verification {
    void verify(X509ExtendedTrustManager ca) throws CertificateException;
  }

  private void check(X509Certificate[] chain, String serverName, Verification verification)
      throws CertificateException {
    if (chain.length == 0) {
      throw new CertificateException("none was shown");
    }
    byte[] sha256 = Peer.sha256(chain[0].getEncoded());
    ByteBuffer hash = ByteBuffer.wrap(sha256);
    long now = millis.getAsLong();
    Long until = known.get(hash);
    if (until == null || now >= until) {
      if (ca.isPresent()) {
        verification.verify(ca.get());
        // The JDK does not look at one that is trusted itself.
        chain[0].checkValidity(Date.from(Instant.ofEpochMilli(now)));
      }
      checkHash(chain[0], sha256);
      checkName(chain[0]);
      remember(hash, chain, now);
    }
    if (nameOfServer
        && !serverName.isEmpty()) { // none sent: the other names are what it is held to
      checkIsFor(chain[0], serverName);
    }
  }

  private void remember(ByteBuffer hash, X509Certificate[] chain, long now) {
    long until = now + KNOWN_FOR;
    for (X509Certificate each : chain) {
      until = Math.min(until, each.getNotAfter().toInstant().toEpochMilli());
    }
    if (known.size() >= MOST_KNOWN) {
      known.clear();
    }
    known.put(hash, until);
  }

  private void checkHash(X509Certificate peer, byte[] sha256) throws OtherHash {
    if (certificateHashes.isEmpty() && spkiHashes.isEmpty()) {
      return;
    }
    String ofCertificate = HexFormat.of().formatHex(sha256);
    String ofKey =
        Base64.getEncoder().encodeToString(Peer.sha256(peer.getPublicKey().getEncoded()));
    if (!certificateHashes.contains(ofCertificate) && !spkiHashes.contains(ofKey)) {
      throw new OtherHash("it is another than those that are expected: SHA-256 " + ofCertificate);
    }
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

  /**
   * That {@code peer} is for this host, RFC 9525.
   *
   * @param host a name or an address
   */
  static void checkIsFor(X509Certificate peer, String host) throws CertificateException {
    SanMatcher wanted = SanMatcher.host(host);
    Collection<List<?>> shown = peer.getSubjectAlternativeNames();
    for (List<?> each : shown == null ? List.<List<?>>of() : shown) {
      if (wanted.matches(each)) {
        return;
      }
    }
    throw new NotTheOne("the peer's certificate is not for the host \"" + host + "\"");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(chain, "", trusted -> trusted.checkClientTrusted(chain, type, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(
        chain,
        ServerNames.sent(engine),
        trusted -> trusted.checkServerTrusted(chain, type, engine));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, "", trusted -> trusted.checkClientTrusted(chain, type, socket));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(chain, "", trusted -> trusted.checkServerTrusted(chain, type, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, "", trusted -> trusted.checkClientTrusted(chain, type));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(chain, "", trusted -> trusted.checkServerTrusted(chain, type));
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return ca.map(X509ExtendedTrustManager::getAcceptedIssuers)
        .orElseGet(() -> new X509Certificate[0]);
  }
}
