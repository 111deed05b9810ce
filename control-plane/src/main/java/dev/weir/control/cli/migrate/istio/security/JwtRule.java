package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.resource.AccessPolicy;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.control.model.Jwt;
import dev.weir.control.source.resource.KeySets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An entry of a RequestAuthentication's {@code jwtRules}: a provider of an AuthenticationPolicy.
 */
final class JwtRule {
  private static final Duration FETCHED_WITHIN = Duration.ofSeconds(5);
  private static final String HEADER = "[A-Za-z0-9!#$%&'*+.^_|~`-]+";

  private final Fields rule;
  private final Report report;

  JwtRule(Fields rule, Report report) {
    this.rule = rule;
    this.report = report;
  }

  /** Empty, and said, if there is none. */
  Optional<String> issuer() {
    Optional<String> issuer = rule.text("issuer").filter(text -> !text.isEmpty());
    if (issuer.isEmpty()) {
      report.wrong(rule.at(), rule.path().field("issuer"), "is required; the rule is left out");
      rule.ignore(rule.names().toArray(String[]::new));
    }
    return issuer;
  }

  Fields fields() {
    return rule;
  }

  /** Without a name; empty, and said, if its tokens cannot be verified. */
  Optional<Map<String, Object>> provider(String issuer) {
    Map<String, Object> provider = Output.fields("issuer", issuer);
    List<String> audiences = rule.texts("audiences");
    if (audiences.size() > Output.MOST) {
      report.without(
          rule.at(),
          rule.path().field("audiences").index(Output.MOST),
          "a provider has " + Output.MOST + "; tokens for further ones are refused");
    }
    AccessPolicy.put(
        provider, "audiences", audiences.subList(0, Math.min(Output.MOST, audiences.size())));
    Optional<Map<String, Object>> keys = keys();
    keys.ifPresent(jwks -> provider.put("jwks", jwks));
    Optional<List<Map<String, Object>>> from = from();
    from.ifPresent(places -> provider.put("from", places));
    if (!rule.flag("forwardOriginalToken")) {
      provider.put("forwardOriginalToken", false);
    }
    AccessPolicy.put(provider, "claimsToHeaders", claims());
    rule.without(
        "outputPayloadToHeader",
        "the app gets claims, by claimsToHeaders; in this header it now sees what a client writes");
    if (rule.text("timeout").flatMap(Texts::parse).filter(FETCHED_WITHIN::equals).isEmpty()) {
      rule.without("timeout", "keys are waited for 5s");
    }
    return keys.isPresent() && from.isPresent() && isWhole(audiences)
        ? Optional.of(provider)
        : Optional.empty();
  }

  /** Whether lists that are there are lists; what is wrong with them has been said. */
  private boolean isWhole(List<String> audiences) {
    return !rule.lost("audiences", audiences.size())
        && !rule.lost("fromHeaders", rule.maps("fromHeaders").size())
        && !rule.lost("fromParams", rule.texts("fromParams").size())
        && !rule.lost("fromCookies", rule.texts("fromCookies").size());
  }

  private Optional<Map<String, Object>> keys() {
    Optional<String> inline = rule.text("jwks");
    Optional<String> uri = rule.has("jwks_uri") ? rule.text("jwks_uri") : rule.text("jwksUri");
    if (inline.isPresent()) {
      Optional<String> wrong = KeySets.wrong(inline.get());
      if (wrong.isEmpty()) {
        return Optional.of(Output.fields("inline", inline.get()));
      }
      report.wrong(rule.at(), rule.path().field("jwks"), wrong.get() + "; the rule is left out");
      return Optional.empty();
    }
    if (uri.filter(text -> Jwt.JwksUri.isOne(text)).isPresent()) {
      return uri.map(text -> Output.fields("uri", text));
    }
    report.without(
        rule.at(),
        rule.path(),
        "write jwksUri, http:// or https:// of a host's name or IPv4 address: keys are not looked for at"
            + " the issuer; the rule is left out");
    return Optional.empty();
  }

  /** Empty: a token may be where nobody would look, and the rule is left out. */
  private Optional<List<Map<String, Object>>> from() {
    List<Map<String, Object>> places = new ArrayList<>();
    boolean lost = false;
    for (Fields header : rule.maps("fromHeaders")) {
      String name = header.text("name").orElse("").toLowerCase(Locale.ROOT);
      String prefix = header.text("prefix").orElse("");
      if (prefix.strip().equals(name.equals("authorization") ? "Bearer" : "")) {
        places.add(Output.fields("header", name));
      } else {
        report.without(
            header.at(),
            header.path().field("prefix"),
            "a token is what follows Bearer in authorization, and all of any other header; the rule"
                + " is left out");
        lost = true;
      }
    }
    rule.texts("fromParams").forEach(name -> places.add(Output.fields("queryParam", name)));
    rule.texts("fromCookies").forEach(name -> places.add(Output.fields("cookie", name)));
    if (places.isEmpty() && !lost) {
      places.add(Output.fields("header", "authorization"));
      places.add(Output.fields("queryParam", "access_token"));
    }
    if (places.size() > Output.MOST) {
      report.without(
          rule.at(), rule.path(), "a token is in one of 16 places; the rule is left out");
      lost = true;
    }
    return lost ? Optional.empty() : Optional.of(places);
  }

  private List<Map<String, Object>> claims() {
    List<Map<String, Object>> claims = new ArrayList<>();
    Set<String> given = new HashSet<>();
    for (Fields each : rule.maps("outputClaimToHeaders")) {
      String header = each.text("header").orElse("").toLowerCase(Locale.ROOT);
      String claim = each.text("claim").orElse("");
      boolean taken =
          header.matches(Jwt.ClaimToHeader.TAKEN)
              || given.contains(header)
              || !header.matches(HEADER);
      if (taken || claim.isEmpty() || claims.size() == Output.MOST) {
        report.without(
            each.at(),
            each.path(),
            "a claim goes to one of 16 headers, which are nobody else's; in this one the app now"
                + " sees what a client writes");
      } else {
        given.add(header);
        claims.add(Output.fields("claim", claim, "header", header));
      }
    }
    return claims;
  }
}
