package dev.weir.sidecar.config.route;

import java.util.List;

/** {@code config.route.v3.RouteConfiguration}. */
public record RouteConfiguration(
    String name,
    List<VirtualHost> virtualHosts,
    HeaderMutation requestHeaders,
    HeaderMutation responseHeaders,
    boolean mostSpecificHeaderMutationsWins,
    boolean ignorePortInHostMatching) {
  public RouteConfiguration {
    virtualHosts = List.copyOf(virtualHosts);
  }
}
