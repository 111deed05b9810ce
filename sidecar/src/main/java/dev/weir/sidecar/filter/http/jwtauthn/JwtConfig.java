package dev.weir.sidecar.filter.http.jwtauthn;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.route.RouteMatch;
import dev.weir.sidecar.config.route.StringMatch;
import dev.weir.sidecar.config.tls.DataSource;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code extensions.filters.http.jwt_authn.v3.JwtAuthentication}, or a route's {@code
 * PerRouteConfig}.
 */
public sealed interface JwtConfig extends FilterConfig {
  @Override
  default Class<?> kind() {
    return JwtConfig.class;
  }

  /**
   * @param providers by name
   * @param rules the first that matches a request says what it needs
   * @param named requirements, by the name that a route gives
   * @param bypassCorsPreflight preflights are not looked at
   * @param stripFailureResponse refusals do not say why
   */
  record Filter(
      Map<String, Provider> providers,
      List<Rule> rules,
      Map<String, Requirement> named,
      boolean bypassCorsPreflight,
      boolean stripFailureResponse,
      String statPrefix)
      implements JwtConfig {
    public Filter {
      providers = Map.copyOf(providers);
      rules = List.copyOf(rules);
      named = Map.copyOf(named);
    }
  }

  /**
   * @param requirement of the filter's {@code requirement_map}; empty: the filter is off
   */
  record Route(Optional<String> requirement) implements JwtConfig {}

  /**
   * @param requirement empty: nothing is needed
   */
  record Rule(RouteMatch match, Optional<Requirement> requirement) {}

  /**
   * @param issuer empty for any
   * @param audiences one of them must be one of the token's; empty for any
   * @param maxLifetime zero: none
   * @param forward whether the token goes on to the app
   * @param payloadHeader empty for none
   * @param payloadInMetadata the key; empty for none
   * @param headerInMetadata likewise
   * @param claimHeaders by the header, the claim; nested ones with dots
   */
  record Provider(
      String name,
      String issuer,
      List<String> audiences,
      Optional<StringMatch> subjects,
      boolean requireExpiration,
      Duration maxLifetime,
      Duration clockSkew,
      Keys keys,
      List<HeaderPlace> headers,
      List<String> params,
      List<String> cookies,
      boolean forward,
      String payloadHeader,
      boolean padPayloadHeader,
      String payloadInMetadata,
      String headerInMetadata,
      Map<String, String> claimHeaders) {
    public Provider {
      audiences = List.copyOf(audiences);
      headers = List.copyOf(headers);
      params = List.copyOf(params);
      cookies = List.copyOf(cookies);
      claimHeaders = Map.copyOf(claimHeaders);
    }
  }

  /** A header, and what its value begins with before the token. */
  record HeaderPlace(String name, String prefix) {}

  /** A JSON Web Key Set. */
  sealed interface Keys {
    record Local(DataSource source) implements Keys {}

    /**
     * @param cacheDuration after which they are fetched again
     */
    record Remote(
        String cluster, String authority, String path, Duration timeout, Duration cacheDuration)
        implements Keys {}
  }

  /** {@code JwtRequirement}. */
  sealed interface Requirement {
    /**
     * @param audiences instead of the provider's; empty: the provider's
     */
    record Token(String provider, List<String> audiences) implements Requirement {}

    record AnyOf(List<Requirement> some) implements Requirement {}

    record AllOf(List<Requirement> all) implements Requirement {}

    /** A token that is there must be good. */
    record AllowMissing() implements Requirement {}

    /** What is good is noted, and nothing refused. */
    record AllowMissingOrFailed() implements Requirement {}
  }
}
