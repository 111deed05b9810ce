package dev.weir.sidecar.config.route;

import java.time.Duration;

/** Where a connection manager's routes come from. */
public sealed interface RouteSource {
  record Inline(RouteConfiguration routes) implements RouteSource {}

  /**
   * By name over ADS.
   *
   * @param initialFetchTimeout how long the listener waits for them before it serves without; zero
   *     is no limit
   */
  record Rds(String name, Duration initialFetchTimeout) implements RouteSource {}
}
