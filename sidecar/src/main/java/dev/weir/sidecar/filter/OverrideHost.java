package dev.weir.sidecar.filter;

/**
 * The host that a request is to go to, by its address, whatever the load balancer would choose: if
 * its cluster has it and it is fit, and for the first attempt alone. A filter puts it into the
 * {@link FilterState}.
 *
 * @param address as {@code 10.0.0.1:8080}
 * @param strict no other host will do
 */
public record OverrideHost(String address, boolean strict) {
  public static final FilterState.Key<OverrideHost> KEY =
      new FilterState.Key<>("override host", OverrideHost.class);
}
