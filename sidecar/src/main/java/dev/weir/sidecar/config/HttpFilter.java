package dev.weir.sidecar.config;

/**
 * One entry of {@code http_filters}, in order; the last is the router. {@code disabled} may be
 * overridden by a route.
 */
public record HttpFilter(String name, FilterConfig config, boolean disabled) {}
