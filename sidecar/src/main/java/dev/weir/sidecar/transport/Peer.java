package dev.weir.sidecar.transport;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection, by the certificate it has proved to hold the key of. It
 * is one of the trusted CA where there is a validation context; without, nobody has looked at it.
 * Immutable; any thread.
 */
public final class Peer {
  /** Of statistics by peer. */
  public static final String LABEL = "peer_identity";

  /** Peers that have counters of their own: a workload has few callers. */
  public static final int MOST_COUNTED = 100;

  /** {@code GeneralName}s, as {@code X509Certificate} numbers them. */
  private static final int DNS = 2;

  private static final int URI = 6;

  private final X509Certificate certificate;
  private final List<X509Certificate> chain;
  private final List<String> uris;
  private final List<String> dnsNames;
  private @Nullable String fingerprint;

  Peer(X509Certificate... chain) {
    this.certificate = chain[0];
    this.chain = List.of(chain);
    this.uris = names(certificate, URI);
    this.dnsNames = names(certificate, DNS);
  }

  /** Null for no certificate, or none of X.509. */
  static @Nullable Peer of(Certificate @Nullable [] chain) {
    if (chain == null || chain.length == 0) {
      return null;
    }
    X509Certificate[] all = new X509Certificate[chain.length];
    for (int i = 0; i < chain.length; i++) {
      if (!(chain[i] instanceof X509Certificate each)) {
        return null;
      }
      all[i] = each;
    }
    return new Peer(all);
  }

  private static List<String> names(X509Certificate certificate, int type) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      if (all == null) {
        return List.of();
      }
      List<String> names = new ArrayList<>(all.size());
      for (List<?> each : all) {
        if (each.get(0) instanceof Integer kind
            && kind == type
            && each.get(1) instanceof String n) {
          names.add(n);
        }
      }
      return List.copyOf(names);
    } catch (CertificateParsingException e) {
      return List.of(); // names that cannot be read are none: whoever wants one refuses it
    }
  }

  public X509Certificate certificate() {
    return certificate;
  }

  /** As it was shown, {@link #certificate} first. */
  public List<X509Certificate> chain() {
    return chain;
  }

  /** Its SubjectAltNames of type URI, in their order; a SPIFFE ID is one. */
  public List<String> uris() {
    return uris;
  }

  public List<String> dnsNames() {
    return dnsNames;
  }

  /** RFC 2253. */
  public String subject() {
    return certificate.getSubjectX500Principal().getName();
  }

  public String issuer() {
    return certificate.getIssuerX500Principal().getName();
  }

  /** In lower case hex. */
  public String serial() {
    return certificate.getSerialNumber().toString(16);
  }

  /** SHA-256 of the certificate in lower case hex. */
  public String fingerprint() {
    String known = fingerprint;
    if (known == null) {
      known = HexFormat.of().formatHex(sha256(der()));
      fingerprint = known;
    }
    return known;
  }

  public String pem() {
    return pem(certificate);
  }

  /** {@code certificate} as PEM, with a line break at the end. */
  public static String pem(X509Certificate certificate) {
    try {
      return "-----BEGIN CERTIFICATE-----\n"
          + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
              .encodeToString(certificate.getEncoded())
          + "\n-----END CERTIFICATE-----\n";
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read cannot be written", e);
    }
  }

  private byte[] der() {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read cannot be written", e);
    }
  }

  static byte[] sha256(byte[] of) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(of);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each JDK has SHA-256", e);
    }
  }

  /** The first URI, which is a workload's SPIFFE ID; else the subject. */
  @Override
  public String toString() {
    return uris.isEmpty() ? subject() : uris.getFirst();
  }
}
