package dev.weir.sidecar.filter.http.jwtauthn;

import dev.weir.sidecar.route.StringMatcher;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A provider with its keys. Any thread. */
final class LiveProvider {
  private final JwtConfig.Provider config;
  private final KeySource keys;
  private final Verified verified = new Verified();
  private final @Nullable StringMatcher subjects;

  LiveProvider(JwtConfig.Provider config, KeySource keys) {
    this.config = config;
    this.keys = keys;
    this.subjects = config.subjects().map(StringMatcher::new).orElse(null);
  }

  JwtConfig.Provider config() {
    return config;
  }

  KeySource keys() {
    return keys;
  }

  Verified verified() {
    return verified;
  }

  boolean isIssuer(Token token) {
    return config.issuer().isEmpty() || config.issuer().equals(token.issuer());
  }

  /**
   * What is wrong with the claims; null for nothing.
   *
   * @param audiences instead of the provider's own; empty for these
   */
  @Nullable Failure claims(Token token, List<String> audiences, long nowMillis) {
    Object expires = token.claims().get("exp");
    Object begins = token.claims().get("nbf");
    if (expires != null && !(expires instanceof Number)
        || begins != null && !(begins instanceof Number)) {
      return Failure.invalid("Jwt exp or nbf is not a number");
    }
    double now = nowMillis / 1000.0;
    double skew = config.clockSkew().toSeconds();
    if (begins instanceof Number from && from.doubleValue() > now + skew) {
      return Failure.invalid("Jwt not yet valid");
    }
    if (expires instanceof Number until && until.doubleValue() + skew <= now) {
      return new Failure(Failure.Kind.EXPIRED, "Jwt is expired");
    }
    if (expires == null && (config.requireExpiration() || !config.maxLifetime().isZero())) {
      return Failure.invalid("Jwt has no expiration");
    }
    if (!config.maxLifetime().isZero()
        && expires instanceof Number until
        && until.doubleValue() > now + config.maxLifetime().toSeconds()) {
      return Failure.invalid("Jwt lives longer than is allowed");
    }
    StringMatcher wanted = subjects;
    if (wanted != null
        && !(token.claims().get("sub") instanceof String subject && wanted.matches(subject))) {
      return Failure.invalid("Jwt subject is not allowed");
    }
    List<String> allowed = audiences.isEmpty() ? config.audiences() : audiences;
    if (!allowed.isEmpty() && token.audiences().stream().noneMatch(each -> isOne(each, allowed))) {
      return Failure.invalid("Audiences in Jwt are not allowed");
    }
    return null;
  }

  /** As Envoy: neither a scheme nor a slash at the end makes a difference. */
  private static boolean isOne(Object audience, List<String> allowed) {
    return audience instanceof String text
        && allowed.stream().anyMatch(each -> bare(each).equals(bare(text)));
  }

  private static String bare(String audience) {
    String text = audience;
    if (text.startsWith("https://")) {
      text = text.substring("https://".length());
    } else if (text.startsWith("http://")) {
      text = text.substring("http://".length());
    }
    return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
  }
}
