package dev.weir.sidecar.config.tls;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code CertificateValidationContext}.
 *
 * @param trustedCa in PEM; without it only hashes are held to
 * @param subjectAltNames one of them must match; empty for none to match
 * @param certificateHashes SHA-256 of the peer's certificate, in lower case hex without colons
 * @param spkiHashes SHA-256 of its public key, in base64. Of both lists together one must match, if
 *     there is any
 * @param crl lists of revoked certificates, in PEM
 * @param onlyVerifyLeafCrl false: each certificate of the chain is looked for
 * @param maxVerifyDepth certificates above the peer's at most, with the trusted CA
 */
public record ValidationContext(
    Optional<DataSource> trustedCa,
    List<SanMatch> subjectAltNames,
    List<String> certificateHashes,
    List<String> spkiHashes,
    Optional<DataSource> crl,
    boolean onlyVerifyLeafCrl,
    Optional<Integer> maxVerifyDepth)
    implements PeerTrust, Secret.Content {
  private static final String NO_HASH = "0".repeat(64);

  public ValidationContext {
    subjectAltNames = List.copyOf(subjectAltNames);
    certificateHashes = List.copyOf(certificateHashes);
    spkiHashes = List.copyOf(spkiHashes);
  }

  /**
   * Whether all it is held to is a hash of zeros, which no certificate has: so a control plane says
   * that connections are to fail.
   */
  public boolean trustsNobody() {
    return trustedCa.isEmpty()
        && spkiHashes.isEmpty()
        && !certificateHashes.isEmpty()
        && certificateHashes.stream().allMatch(NO_HASH::equals);
  }

  /** Nothing in it tells one peer from another. */
  public boolean takesAnyone() {
    return trustedCa.isEmpty() && certificateHashes.isEmpty() && spkiHashes.isEmpty();
  }

  @Override
  public ValidationContext with(DataSource.Change change) {
    return new ValidationContext(
        trustedCa.map(source -> change.of("trusted_ca", source)),
        subjectAltNames,
        certificateHashes,
        spkiHashes,
        crl.map(source -> change.of("crl", source)),
        onlyVerifyLeafCrl,
        maxVerifyDepth);
  }

  /** As protobuf merges {@code other} into this. */
  public ValidationContext mergedWith(ValidationContext other) {
    return new ValidationContext(
        other.trustedCa.or(() -> trustedCa),
        joined(subjectAltNames, other.subjectAltNames),
        joined(certificateHashes, other.certificateHashes),
        joined(spkiHashes, other.spkiHashes),
        other.crl.or(() -> crl),
        onlyVerifyLeafCrl || other.onlyVerifyLeafCrl,
        other.maxVerifyDepth.or(() -> maxVerifyDepth));
  }

  private static <T> List<T> joined(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }
}
