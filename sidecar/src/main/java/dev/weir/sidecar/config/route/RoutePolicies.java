package dev.weir.sidecar.config.route;

/**
 * Which policies, namespace/name, a route has its timeouts and its retries from, so that what ends
 * by them can be told by their name; empty for none, and for what stands in the route's own
 * resource. Told by the route's {@code metadata.filter_metadata} at {@link #METADATA}; it changes
 * nothing but what is said.
 */
public record RoutePolicies(String timeouts, String retry) {
  public static final String METADATA = "weir.policies";
  public static final RoutePolicies NONE = new RoutePolicies("", "");
}
