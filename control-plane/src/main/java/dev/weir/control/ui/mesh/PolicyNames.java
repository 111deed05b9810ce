package dev.weir.control.ui.mesh;

import dev.weir.control.link.Linked;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Policies by the names that sidecars have for them, which are without a kind: of several of one
 * name the cause says which is meant.
 */
record PolicyNames(Linked linked) {
  private static final String AUTHENTICATION = "AuthenticationPolicy";
  private static final String AUTHORIZATION = "AuthorizationPolicy";
  private static final String RATE_LIMIT = "RateLimitPolicy";
  private static final String RESILIENCE = "ResiliencePolicy";

  private static final List<String> KINDS =
      List.of(RESILIENCE, RATE_LIMIT, AUTHORIZATION, AUTHENTICATION, "TelemetryPolicy");

  private static final Map<String, String> BY_CAUSE =
      Map.of(
          "rate-limited", RATE_LIMIT,
          "forbidden", AUTHORIZATION,
          "authorization-unavailable", AUTHORIZATION,
          "unauthenticated", AUTHENTICATION,
          "token-expired", AUTHENTICATION,
          "token-invalid", AUTHENTICATION,
          "token-keys-missing", AUTHENTICATION);

  static String kindOf(String cause) {
    return BY_CAUSE.getOrDefault(cause, RESILIENCE);
  }

  /** Kind and name, {@code ResiliencePolicy shop/cart}; empty: there is none of that name. */
  Optional<String> resource(String name, String cause) {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    String meant = kindOf(cause) + " " + name;
    if (linked.places().containsKey(meant)) {
      return Optional.of(meant);
    }
    return KINDS.stream()
        .map(kind -> kind + " " + name)
        .filter(linked.places()::containsKey)
        .findFirst();
  }
}
