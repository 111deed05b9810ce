package dev.weir.sidecar.filter.http.jwtauthn;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.ParseException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A token as it was found: three parts, the first two of which are JSON. Nobody has verified it.
 * Immutable; any thread.
 */
final class Token {
  /** Longer ones are not looked at: a head would hardly have room for them. */
  static final int MOST_BYTES = 8 << 10;

  private static final String NO_TOKEN = "Jwt is not in the form of Header.Payload.Signature";

  /** The library passes over what is not of base64. */
  private static final Pattern FORM =
      Pattern.compile("[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+");

  private final String text;
  private final JWSObject parsed;
  private final Map<String, Object> claims;
  private final ByteBuffer hash;

  private Token(String text, JWSObject parsed, Map<String, Object> claims) {
    this.text = text;
    this.parsed = parsed;
    this.claims = claims;
    this.hash = ByteBuffer.wrap(sha256(text)).asReadOnlyBuffer();
  }

  /** What is none. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message, null, false, false);
    }
  }

  static Token parse(String text) throws Malformed {
    if (text.length() > MOST_BYTES) {
      throw new Malformed("Jwt is too large");
    }
    if (!FORM.matcher(text).matches()) {
      throw new Malformed(NO_TOKEN);
    }
    try {
      JWSObject parsed = JWSObject.parse(text);
      Set<String> critical = parsed.getHeader().getCriticalParams();
      if (critical != null && !critical.isEmpty()) {
        throw new Malformed("Jwt header has critical parameters that are not understood");
      }
      if (UniqueMembers.areNot(parsed.getHeader().toBase64URL().decodeToString())
          || UniqueMembers.areNot(parsed.getPayload().toString())) {
        throw new Malformed("Jwt has a member twice");
      }
      Map<String, Object> claims = JSONObjectUtils.parse(parsed.getPayload().toString());
      return new Token(text, parsed, claims);
    } catch (ParseException | IllegalArgumentException | IllegalStateException e) {
      throw new Malformed(NO_TOKEN);
    }
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(text.getBytes(StandardCharsets.ISO_8859_1));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each JDK has SHA-256", e);
    }
  }

  /** SHA-256 of its text. */
  ByteBuffer hash() {
    return hash;
  }

  String text() {
    return text;
  }

  /** {@code alg}. */
  String algorithm() {
    return parsed.getHeader().getAlgorithm().getName();
  }

  /** {@code kid}; null for none. */
  @Nullable String keyId() {
    return parsed.getHeader().getKeyID();
  }

  Map<String, Object> header() {
    return parsed.getHeader().toJSONObject();
  }

  Map<String, Object> claims() {
    return claims;
  }

  /** Of the second part, as it was written. */
  String payload() {
    return parsed.getPayload().toBase64URL().toString();
  }

  /** Empty for none. */
  String issuer() {
    return claims.get("iss") instanceof String issuer ? issuer : "";
  }

  /** {@code aud}, which may be one or a list. */
  List<?> audiences() {
    return switch (claims.get("aud")) {
      case String one -> List.of(one);
      case List<?> several -> several;
      case null, default -> List.of();
    };
  }

  boolean verifiedBy(com.nimbusds.jose.JWSVerifier verifier) {
    try {
      // A new object: the library's notes what has been verified in itself.
      return new JWSObject(
              parsed.getHeader().toBase64URL(),
              parsed.getPayload().toBase64URL(),
              parsed.getSignature())
          .verify(verifier);
    } catch (JOSEException | ParseException | IllegalStateException e) {
      return false;
    }
  }
}
