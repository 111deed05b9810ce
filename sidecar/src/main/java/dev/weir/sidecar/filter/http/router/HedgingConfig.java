package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.route.HeaderMatch;
import java.time.Duration;
import java.util.List;

/**
 * {@code weir.extensions.filters.http.router.v1alpha1.Hedging}: what a route says for the router.
 *
 * @param delay before each copy, more than zero
 * @param attempts copies at most, at least 1
 * @param requestHeaders when not empty, one of them must match the request
 */
public record HedgingConfig(Duration delay, int attempts, List<HeaderMatch> requestHeaders)
    implements FilterConfig {
  public HedgingConfig {
    requestHeaders = List.copyOf(requestHeaders);
  }
}
