package dev.weir.sidecar.filter.http.circuitbreaker;

import dev.weir.sidecar.config.FilterConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker}.
 *
 * @param policy namespace/name of the policy a person wrote
 * @param consecutiveFailures this many failed attempts in a row open it, at least 1
 * @param interval closed: the count is cleared this often; absent: never
 * @param openFor how long it stays open before it probes
 * @param probes half-open: this many successes in a row close it, any failure opens it again
 * @param shadow decide and count, do not refuse
 */
public record CircuitBreakerConfig(
    String policy,
    Scope scope,
    int consecutiveFailures,
    Optional<Duration> interval,
    Duration openFor,
    int probes,
    boolean shadow)
    implements FilterConfig {
  public enum Scope {
    SERVICE,
    ENDPOINT,
    ROUTE
  }
}
