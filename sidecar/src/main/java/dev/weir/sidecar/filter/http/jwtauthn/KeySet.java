package dev.weir.sidecar.filter.http.jwtauthn;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A key set, each key with the algorithms that it may be used with: those of its kind, or the one
 * that it names. Immutable; any thread.
 */
final class KeySet {
  /** RSA keys that are shorter than this are not used (RFC 7518, 3.3). */
  private static final int LEAST_RSA_BITS = 2048;

  private static final Set<String> RSA =
      Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512");
  private static final AtomicLong VERSIONS = new AtomicLong();

  private record Key(@Nullable String id, Set<String> algorithms, JWSVerifier verifier) {}

  private final List<Key> keys = new ArrayList<>();
  private final long version = VERSIONS.incrementAndGet();

  private KeySet() {}

  /**
   * Keys of other kinds, and those that are not for signatures, are left out.
   *
   * @throws ParseException for what is no key set, or has no key that can be used
   */
  static KeySet parse(String json) throws ParseException {
    KeySet set = new KeySet();
    for (JWK key : JWKSet.parse(json).getKeys()) {
      if (key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE)) {
        set.add(key);
      }
    }
    if (set.keys.isEmpty()) {
      throw new ParseException("it has no key for signatures that can be used", 0);
    }
    return set;
  }

  private void add(JWK key) {
    try {
      switch (key) {
        case RSAKey rsa when rsa.size() >= LEAST_RSA_BITS -> add(key, RSA, new RSASSAVerifier(rsa));
        case ECKey ec -> {
          ECDSAVerifier verifier = new ECDSAVerifier(ec);
          add(key, Set.of(verifier.supportedJWSAlgorithms().iterator().next().getName()), verifier);
        }
        case OctetSequenceKey secret -> {
          MACVerifier verifier = new MACVerifier(secret);
          add(key, Set.of("HS256", "HS384", "HS512"), verifier);
        }
        default -> {}
      }
    } catch (JOSEException | IllegalArgumentException e) {
      return; // one that cannot be used, a curve that is not known say
    }
  }

  private void add(JWK key, Set<String> kind, JWSVerifier verifier) {
    String named = key.getAlgorithm() == null ? null : key.getAlgorithm().getName();
    if (named == null || kind.contains(named)) {
      keys.add(new Key(key.getKeyID(), named == null ? kind : Set.of(named), verifier));
    }
  }

  /** Whether there is a key that AWS-LC is for. */
  boolean hasCurves() {
    return keys.stream().anyMatch(key -> key.verifier instanceof ECDSAVerifier);
  }

  /** Told apart from all others. */
  long version() {
    return version;
  }

  /** Whether one may have signed {@code token}: it has its id, or there is no saying. */
  boolean mayHaveSigned(Token token) {
    return keys.stream().anyMatch(key -> fits(key, token));
  }

  private static boolean fits(Key key, Token token) {
    return key.algorithms.contains(token.algorithm())
        && (token.keyId() == null || key.id == null || token.keyId().equals(key.id));
  }

  /** Whether one of the keys has signed {@code token}. It takes its time. */
  boolean hasSigned(Token token) {
    return keys.stream().anyMatch(key -> fits(key, token) && token.verifiedBy(ready(key.verifier)));
  }

  private static JWSVerifier ready(JWSVerifier verifier) {
    if (verifier instanceof ECDSAVerifier ec) {
      ec.getJCAContext().setProvider(AwsLc.provider());
    }
    return verifier;
  }
}
