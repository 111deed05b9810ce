package dev.weir.sidecar.filter;

/**
 * How a circuit breaker is.
 *
 * @param policy namespace/name of the policy a person wrote
 * @param route which route's it is; empty: not one of a route
 * @param instance which host's it is, address:port; empty: not one of a host
 * @param opened how often it has opened since it is there; from half-open does not count
 */
public record BreakerReading(
    String policy, String route, String instance, State state, int opened) {
  /** As the breaker calls them. */
  public enum State {
    CLOSED,
    OPEN,
    HALF_OPEN
  }
}
