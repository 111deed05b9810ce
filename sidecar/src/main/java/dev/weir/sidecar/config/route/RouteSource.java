package dev.weir.sidecar.config.route;

import dev.weir.sidecar.config.Fetch;

/** Where a connection manager's routes come from. */
public sealed interface RouteSource {
  record Inline(RouteConfiguration routes) implements RouteSource {}

  /**
   * By name.
   *
   * @param fetch whose timeout is how long the listener waits for them before it serves without
   */
  record Rds(String name, Fetch fetch) implements RouteSource {}
}
