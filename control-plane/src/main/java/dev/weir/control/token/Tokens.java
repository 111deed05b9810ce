package dev.weir.control.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.weir.control.model.SpiffeId;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads tokens. One must be for this audience, say when it ends, and name a workload: by its SPIFFE
 * ID, or as Kubernetes names a service account. Any thread.
 */
public final class Tokens implements Holders {
  /** Whom a token must be for. */
  public static final String AUDIENCE = "weir";

  /** The claim that has the address of the instance that a token is for. */
  public static final String ADDRESS = "weir.dev/address";

  private static final int LONGEST = 8 << 10;
  private static final Duration SKEW = Duration.ofSeconds(30);
  private static final Pattern SERVICE_ACCOUNT =
      Pattern.compile("system:serviceaccount:([^:]+):([^:]+)");

  private final TokenKeys keys;
  private final String trustDomain;
  private final Clock clock;

  public Tokens(TokenKeys keys, String trustDomain, Clock clock) {
    this.keys = keys;
    this.trustDomain = trustDomain;
    this.clock = clock;
  }

  @Override
  public Holder holder(String text) throws WrongToken {
    if (text.length() > LONGEST) {
      throw new WrongToken("the token is longer than " + LONGEST + " characters");
    }
    try {
      SignedJWT token = SignedJWT.parse(text);
      checkSignature(token);
      JWTClaimsSet claims = token.getJWTClaimsSet();
      checkTime(claims);
      if (!claims.getAudience().contains(AUDIENCE)) {
        throw new WrongToken("the token is not for audience \"" + AUDIENCE + "\"");
      }
      return new Holder(
          identity(claims.getSubject()),
          Optional.ofNullable(claims.getClaimAsString(ADDRESS)),
          ends(claims));
    } catch (ParseException e) {
      throw new WrongToken("the token is no signed JWT");
    }
  }

  private static Optional<Instant> ends(JWTClaimsSet claims) {
    return Optional.ofNullable(claims.getExpirationTime()).map(Date::toInstant);
  }

  /** When a token ends that somebody else has looked at; empty for one that is no JWT. */
  public static Optional<Instant> ends(String text) {
    try {
      return ends(SignedJWT.parse(text).getJWTClaimsSet());
    } catch (ParseException e) {
      return Optional.empty();
    }
  }

  private void checkSignature(SignedJWT token) throws WrongToken {
    String wanted = token.getHeader().getKeyID();
    for (JWK key : keys.all()) {
      if ((wanted == null || wanted.equals(key.getKeyID())) && fits(token, key)) {
        return;
      }
    }
    throw new WrongToken("the token is signed with no key that is known here");
  }

  private static boolean fits(SignedJWT token, JWK key) {
    JWSAlgorithm algorithm = token.getHeader().getAlgorithm();
    try {
      JWSVerifier verifier =
          switch (key) {
            case ECKey curve -> new ECDSAVerifier(curve);
            case RSAKey rsa -> new RSASSAVerifier(rsa);
            default -> null; // a shared secret would prove nothing
          };
      return verifier != null
          && verifier.supportedJWSAlgorithms().contains(algorithm)
          && (key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm))
          && token.verify(verifier);
    } catch (JOSEException e) {
      return false;
    }
  }

  private void checkTime(JWTClaimsSet claims) throws WrongToken {
    Instant now = clock.instant();
    Date ends = claims.getExpirationTime();
    if (ends == null) {
      throw new WrongToken("the token does not say when it ends");
    }
    if (now.minus(SKEW).isAfter(ends.toInstant())) {
      throw new WrongToken("the token ended at " + ends.toInstant());
    }
    Date begins = claims.getNotBeforeTime();
    if (begins != null && now.plus(SKEW).isBefore(begins.toInstant())) {
      throw new WrongToken("the token is not valid before " + begins.toInstant());
    }
  }

  private SpiffeId identity(String subject) throws WrongToken {
    String text = subject == null ? "" : subject;
    Matcher account = SERVICE_ACCOUNT.matcher(text);
    Optional<SpiffeId> identity =
        account.matches()
            ? SpiffeId.parse(
                "spiffe://%s/ns/%s/sa/%s"
                    .formatted(trustDomain, account.group(1), account.group(2)))
            : SpiffeId.parse(text);
    return identity
        .filter(id -> id.trustDomain().equals(trustDomain))
        .orElseThrow(() ->
            new WrongToken(
                "the token's subject is no workload of trust domain \"" + trustDomain + "\""));
  }
}
