package dev.weir.sidecar.config.listener;

import dev.weir.sidecar.config.rbac.Rbac;
import java.util.Optional;

/**
 * {@code extensions.filters.network.rbac.v3.RBAC}: which connections go on to the chain's last
 * filter.
 *
 * @param rules empty: all
 * @param shadow rules that are asked and counted, and not followed
 */
public record NetworkRbac(
    String statPrefix, Optional<Rbac> rules, Optional<Rbac> shadow, String shadowPrefix) {}
