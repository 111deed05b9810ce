package dev.weir.sidecar.config;

/** Where a connection manager's routes come from. */
public sealed interface RouteSource {
  record Inline(RouteConfiguration routes) implements RouteSource {}

  /** By name over ADS. */
  record Rds(String name) implements RouteSource {}
}
