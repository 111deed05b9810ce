package dev.weir.sidecar.config.route;

import java.util.Map;

/** {@code config.route.v3.Route}; {@code name} may be empty. */
public record Route(
    String name,
    RouteMatch match,
    RouteAction action,
    RoutePolicies policies,
    HeaderMutation requestHeaders,
    HeaderMutation responseHeaders,
    Map<String, RouteFilterConfig> filterConfigs) {
  public Route {
    filterConfigs = Map.copyOf(filterConfigs);
  }
}
