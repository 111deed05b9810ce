package dev.weir.sidecar.config.route;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code config.route.v3.VirtualHost}.
 *
 * @param domains matched exact first, then the longest suffix wildcard ({@code *.example.com}),
 *     then the longest prefix wildcard ({@code example.*}), then {@code *}
 * @param filterConfigs {@code typed_per_filter_config} by filter name
 */
public record VirtualHost(
    String name,
    List<String> domains,
    List<Route> routes,
    HeaderMutation requestHeaders,
    HeaderMutation responseHeaders,
    Optional<RetryPolicy> retryPolicy,
    Optional<HedgePolicy> hedgePolicy,
    Map<String, RouteFilterConfig> filterConfigs,
    boolean includeAttemptCount) {
  public VirtualHost {
    domains = List.copyOf(domains);
    routes = List.copyOf(routes);
    filterConfigs = Map.copyOf(filterConfigs);
  }
}
