package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.resource.AccessPolicy;
import dev.weir.control.cli.migrate.resource.Output;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A token that a rule asks for.
 *
 * @param providers by one of which it is issued; none: by any
 * @param claims of which each must hold
 */
record Token(List<String> providers, List<Map<String, Object>> claims) {
  Token {
    providers = List.copyOf(providers);
    claims = List.copyOf(claims);
  }

  static Token issuedBy(List<String> providers) {
    return new Token(providers, List.of());
  }

  /** One that has one of {@code values}; several, of which one will do, if they are many. */
  static List<Token> claiming(List<String> providers, String path, List<String> values) {
    return Output.parts(values, Output.MOST).stream()
        .map(some -> new Token(providers, List.of(Output.fields("path", path, "values", some))))
        .toList();
  }

  /** One that is both; empty if none can be. */
  Optional<Token> and(Token other) {
    List<Map<String, Object>> both = new ArrayList<>(claims);
    both.addAll(other.claims);
    if (providers.isEmpty() || other.providers.isEmpty()) {
      return Optional.of(new Token(providers.isEmpty() ? other.providers : providers, both));
    }
    List<String> common = providers.stream().filter(other.providers::contains).toList();
    return common.isEmpty() ? Optional.empty() : Optional.of(new Token(common, both));
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = Output.fields();
    AccessPolicy.put(fields, "providers", providers);
    AccessPolicy.put(fields, "claims", claims);
    return fields;
  }
}
