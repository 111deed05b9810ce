package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.config.FilterConfig;

/** {@code extensions.filters.http.router.v3.Router}. */
public record RouterConfig(boolean suppressEnvoyHeaders) implements FilterConfig {}
