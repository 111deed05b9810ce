package dev.weir.sidecar.filter.http.circuitbreaker;

import dev.weir.sidecar.config.FilterConfig;
import java.time.Duration;
import java.util.Optional;

/**
 * {@code weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker}.
 *
 * @param policy namespace/name of the policy a person wrote
 * @param interval closed, with {@link ConsecutiveFailures}: the count is cleared this often;
 *     absent: never
 * @param openFor how long it stays open before it probes
 * @param probes half-open: this many successes in a row close it, any failure opens it again
 * @param shadow decide and count, do not refuse
 */
public record CircuitBreakerConfig(
    String policy,
    Scope scope,
    Trip trip,
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

  /** What opens it. */
  public sealed interface Trip {}

  /**
   * So many failed attempts in a row.
   *
   * @param failures at least 1
   */
  public record ConsecutiveFailures(int failures) implements Trip {}

  /** So large a share of the attempts failed. */
  public record FailureRate(Share share) implements Trip {}

  /**
   * So large a share of the attempts was slow.
   *
   * @param slowerThan from an attempt's start to the response's head, or to its failure
   */
  public record SlowCalls(Duration slowerThan, Share share) implements Trip {}

  /**
   * A share of the attempts in a window.
   *
   * @param basisPoints hundredths of a percent, 1 to 10,000
   * @param atLeast fewer attempts in the window decide nothing
   */
  public record Share(int basisPoints, Window window, int atLeast) {}

  /** Which attempts are counted. */
  public sealed interface Window {}

  /** The last so many. */
  public record LastRequests(int requests) implements Window {}

  /** Those that ended within this time. */
  public record LastTime(Duration duration) implements Window {}
}
