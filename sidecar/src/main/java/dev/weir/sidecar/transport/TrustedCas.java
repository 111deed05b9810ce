package dev.weir.sidecar.transport;

import java.security.cert.CertificateException;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The CAs that are trusted, each in its time: the JDK asks no more than a key of what is trusted,
 * BoringSSL that it has begun and not ended. Any thread.
 */
final class TrustedCas {
  /**
   * @param until when others are valid
   */
  private record Valid(Optional<X509ExtendedTrustManager> manager, long from, long until) {}

  private final List<X509Certificate> all;
  private final Function<Set<TrustAnchor>, X509ExtendedTrustManager> maker;
  private volatile @Nullable Valid valid;

  /**
   * @param maker of a verifier that trusts these, of which there is at least one
   */
  TrustedCas(
      List<X509Certificate> all, Function<Set<TrustAnchor>, X509ExtendedTrustManager> maker) {
    this.all = List.copyOf(all);
    this.maker = maker;
  }

  /** What trusts those that are valid at this time of day. */
  X509ExtendedTrustManager at(long millis) throws CertificateException {
    return validAt(millis)
        .manager
        .orElseThrow(() -> new CertificateException("no CA that is trusted is valid now"));
  }

  /** Until when the same are valid. */
  long until(long millis) {
    return validAt(millis).until;
  }

  private Valid validAt(long millis) {
    Valid known = valid;
    if (known == null || millis < known.from || millis >= known.until) {
      known = make(millis);
      valid = known;
    }
    return known;
  }

  private Valid make(long millis) {
    Set<TrustAnchor> anchors = new HashSet<>();
    long from = Long.MIN_VALUE;
    long until = Long.MAX_VALUE;
    for (X509Certificate each : all) {
      long begins = each.getNotBefore().toInstant().toEpochMilli();
      long ends = each.getNotAfter().toInstant().toEpochMilli() + 1; // its last second included
      if (millis < begins) {
        until = Math.min(until, begins);
      } else if (millis >= ends) {
        from = Math.max(from, ends);
      } else {
        anchors.add(new TrustAnchor(each, null));
        from = Math.max(from, begins);
        until = Math.min(until, ends);
      }
    }
    return new Valid(
        anchors.isEmpty() ? Optional.empty() : Optional.of(maker.apply(anchors)), from, until);
  }

  X509Certificate[] issuers() {
    return all.toArray(X509Certificate[]::new);
  }
}
