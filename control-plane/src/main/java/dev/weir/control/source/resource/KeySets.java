package dev.weir.control.source.resource;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What texts are JSON Web Key Sets (RFC 7517) that a sidecar takes. */
public final class KeySets {
  /** What is said of one that is none. */
  static final String WANTED =
      "no JSON Web Key Set: an object with a list \"keys\" of one key at least (RFC 7517)";

  private static final String NONE_USED = "a JSON Web Key Set without a key that is used: ";

  /** RSA keys that are shorter than this no sidecar uses (RFC 7518, 3.3). */
  private static final int LEAST_RSA_BITS = 2048;

  private static final int MOST_NAMED = 3;
  private static final Pattern OF_A_KEY = Pattern.compile("Invalid JWK at position ([0-9]+): (.*)");

  private KeySets() {}

  /** What it is instead of one, by which keys; empty: it is one, with a key that can be used. */
  public static Optional<String> wrong(String text) {
    List<JWK> keys;
    try {
      keys = JWKSet.parse(text).getKeys();
    } catch (ParseException e) {
      Matcher key = OF_A_KEY.matcher(String.valueOf(e.getMessage()));
      return Optional.of(
          key.matches() ? WANTED + ": keys[" + key.group(1) + "]: " + key.group(2) : WANTED);
    }
    if (keys.isEmpty()) {
      return Optional.of(WANTED + ", of kty RSA, EC or oct");
    }
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      Optional<String> reason = unusable(keys.get(i));
      if (reason.isEmpty()) {
        return Optional.empty();
      }
      reasons.add("keys[" + i + "] " + reason.get());
    }
    int more = reasons.size() - MOST_NAMED;
    return Optional.of(
        NONE_USED
            + String.join(", ", reasons.subList(0, Math.min(MOST_NAMED, reasons.size())))
            + (more > 0 ? ", and " + more + " more" : ""));
  }

  private static Optional<String> unusable(JWK key) {
    if (key.getKeyUse() != null && !key.getKeyUse().equals(KeyUse.SIGNATURE)) {
      return Optional.of("is not for signatures (use " + key.getKeyUse() + ")");
    }
    try {
      return switch (key) {
        case RSAKey rsa when rsa.size() < LEAST_RSA_BITS ->
            Optional.of("has " + rsa.size() + " bits, of RSA " + LEAST_RSA_BITS + " are needed");
        case RSAKey rsa ->
            algorithm(rsa, Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"));
        case ECKey curve -> {
          JWSAlgorithm one = new ECDSAVerifier(curve).supportedJWSAlgorithms().iterator().next();
          yield algorithm(curve, Set.of(one.getName()));
        }
        case OctetSequenceKey secret -> {
          var _ = new MACVerifier(secret); // refuses what is too short
          yield algorithm(secret, Set.of("HS256", "HS384", "HS512"));
        }
        default ->
            Optional.of("is of kty " + key.getKeyType().getValue() + "; RSA, EC and oct are used");
      };
    } catch (JOSEException | IllegalArgumentException e) {
      return Optional.of("cannot be used: " + e.getMessage());
    }
  }

  private static Optional<String> algorithm(JWK key, Set<String> known) {
    return key.getAlgorithm() == null || known.contains(key.getAlgorithm().getName())
        ? Optional.empty()
        : Optional.of("is for " + key.getAlgorithm() + ", which its kind is not used for");
  }
}
