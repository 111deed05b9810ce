package dev.weir.sidecar.config.route;

import dev.weir.sidecar.config.FilterConfig;
import java.util.Optional;

/**
 * One entry of {@code typed_per_filter_config}: a configuration instead of the filter's own, or
 * {@code FilterConfig.disabled}.
 */
public record RouteFilterConfig(Optional<FilterConfig> config, boolean disabled) {}
