package dev.weir.sidecar.filter.http.rbac;

import dev.weir.sidecar.rbac.Rules;
import org.jspecify.annotations.Nullable;

/** {@link RbacConfig}, compiled. */
record RbacRules(@Nullable Rules rules, @Nullable Rules shadow, String shadowPrefix) {
  static RbacRules of(RbacConfig config) {
    return new RbacRules(
        config.rules().map(Rules::new).orElse(null),
        config.shadow().map(Rules::new).orElse(null),
        config.shadowPrefix());
  }

  boolean askNothing() {
    return rules == null && shadow == null;
  }
}
