package dev.weir.control.cli.migrate.istio.security;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whose tokens are verified, and what their providers are called.
 *
 * @param providers by the issuer
 */
record Issuers(Map<String, String> providers) {
  Issuers {
    providers = new TreeMap<>(providers);
  }

  boolean none() {
    return providers.isEmpty();
  }

  /**
   * Those tokens that a request principal names: {@code ISSUER/SUBJECT}, {@code ISSUER/*} or a
   * beginning of issuers, {@code *}; none: that cannot be said.
   */
  List<Token> tokens(String principal) {
    if (principal.endsWith("*")) {
      String beginning = principal.substring(0, principal.length() - 1);
      if (providers.keySet().stream().anyMatch(issuer -> reachesInto(beginning, issuer))) {
        return List.of();
      }
      List<String> issuing =
          providers.entrySet().stream()
              .filter(each -> (each.getKey() + "/").startsWith(beginning))
              .map(Map.Entry::getValue)
              .toList();
      return issuing.isEmpty() ? List.of() : List.of(Token.issuedBy(issuing));
    }
    List<Token> tokens = new ArrayList<>();
    providers.forEach((issuer, provider) -> {
      if (principal.startsWith(issuer + "/") && principal.length() > issuer.length() + 1) {
        String subject = principal.substring(issuer.length() + 1);
        tokens.addAll(Token.claiming(List.of(provider), "sub", List.of(subject)));
      }
    });
    return tokens;
  }

  /** Whether it tells subjects of an issuer apart by how they begin. */
  private static boolean reachesInto(String beginning, String issuer) {
    return beginning.startsWith(issuer + "/") && beginning.length() > issuer.length() + 1;
  }
}
