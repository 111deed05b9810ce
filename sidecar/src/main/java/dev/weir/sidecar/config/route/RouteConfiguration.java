package dev.weir.sidecar.config.route;

import java.util.List;
import java.util.Map;

/** {@code config.route.v3.RouteConfiguration}. */
public record RouteConfiguration(
    String name,
    List<VirtualHost> virtualHosts,
    HeaderMutation requestHeaders,
    HeaderMutation responseHeaders,
    Map<String, RouteFilterConfig> filterConfigs,
    boolean mostSpecificHeaderMutationsWins,
    boolean ignorePortInHostMatching) {
  public RouteConfiguration {
    virtualHosts = List.copyOf(virtualHosts);
    filterConfigs = Map.copyOf(filterConfigs);
  }
}
