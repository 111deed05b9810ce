package dev.weir.sidecar.filter.http.rbac;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.rbac.Rbac;
import java.util.Optional;

/**
 * {@code extensions.filters.http.rbac.v3.RBAC}, or a route's, which counts instead of it.
 *
 * @param rules empty: all are let through
 * @param shadow rules that are asked, counted and logged, and not followed
 * @param prefix {@code rules_stat_prefix}
 * @param shadowPrefix {@code shadow_rules_stat_prefix}
 */
public record RbacConfig(
    Optional<Rbac> rules, Optional<Rbac> shadow, String prefix, String shadowPrefix)
    implements FilterConfig {}
