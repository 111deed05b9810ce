package dev.weir.sidecar.transport;

import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The trust domains that our own certificates are of: who has proved a SPIFFE ID of one of them is
 * a workload of our mesh. None where nobody proves anything, or where we are no workload ourselves.
 * Immutable; any thread.
 */
record TrustDomains(Set<String> names) {
  private static final String SCHEME = "spiffe://";

  TrustDomains {
    names = Set.copyOf(names);
  }

  /**
   * @param verified a peer's certificate is held to something
   */
  static TrustDomains of(List<OwnKeys.Own> own, boolean verified) {
    Set<String> names = new HashSet<>();
    if (verified) {
      for (OwnKeys.Own each : own) {
        X509Certificate certificate = each.chain()[0];
        new Peer(certificate).uris().forEach(uri -> add(uri, names));
      }
    }
    return new TrustDomains(names);
  }

  private static void add(String uri, Set<String> names) {
    String name = name(uri);
    if (name != null) {
      names.add(name);
    }
  }

  /** Of a SPIFFE ID; null for any other URI. */
  private static @Nullable String name(String uri) {
    int end = uri.startsWith(SCHEME) ? uri.indexOf('/', SCHEME.length()) : -1;
    return end > SCHEME.length() ? uri.substring(SCHEME.length(), end) : null;
  }

  /** The peer's certificate has been verified by those that these are of. */
  boolean have(@Nullable Peer peer) {
    if (peer == null || names.isEmpty()) {
      return false;
    }
    for (String uri : peer.uris()) {
      String name = name(uri);
      if (name != null && names.contains(name)) {
        return true;
      }
    }
    return false;
  }
}
