package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.cluster.Breakers;
import dev.weir.sidecar.cluster.CircuitBreaker;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Clock;
import org.jspecify.annotations.Nullable;

/**
 * What one request holds of circuit breakers: a permit of the service's or route's, and one of the
 * host's, for the attempt under way.
 */
final class AttemptPermits {
  private final Breakers breakers;
  private final Clock clock;
  private @Nullable CircuitBreaker breaker;
  private @Nullable CircuitBreaker hostBreaker;
  private long permit;
  private long hostPermit;

  AttemptPermits(Breakers breakers, Clock clock) {
    this.breakers = breakers;
    this.clock = clock;
  }

  /** Asks before a host is chosen; the breaker that refuses, or null. */
  @Nullable CircuitBreaker admit(@Nullable CircuitBreakerConfig ofRoute, String route, long now) {
    CircuitBreaker asked = breakers.beforeHost(ofRoute, route);
    breaker = asked;
    permit = asked == null ? 0 : asked.acquire(now);
    return refusal(asked, permit);
  }

  /** Asks for the host that was chosen; the breaker that refuses, or null. */
  @Nullable CircuitBreaker admit(Host host, long now) {
    CircuitBreaker asked = breakers.ofHost(host);
    hostBreaker = asked;
    hostPermit = asked == null ? 0 : asked.acquire(now);
    return refusal(asked, hostPermit);
  }

  /** A host whose breaker is open is not chosen while there are others. */
  boolean avoids(Host host) {
    CircuitBreaker asked = breakers.ofHost(host);
    return asked != null && asked.refuses(clock.nanoTime());
  }

  /** The breaker in shadow mode that would have refused the attempt, or null. */
  @Nullable CircuitBreaker shadowRefusal() {
    if (permit == CircuitBreaker.REFUSED && breaker != null) {
      return breaker;
    }
    return hostPermit == CircuitBreaker.REFUSED ? hostBreaker : null;
  }

  private static @Nullable CircuitBreaker refusal(@Nullable CircuitBreaker asked, long permit) {
    return asked != null && permit == CircuitBreaker.REFUSED && !asked.config().shadow()
        ? asked
        : null;
  }

  void response(Headers headers, PeerCause peer) {
    switch (peer.kind()) {
      case REFUSAL -> ignored();
      case FAILURE -> failure();
      case NONE -> {
        if (headers.status() >= 500 || grpcFailure(headers)) {
          failure();
        } else {
          success();
        }
      }
    }
  }

  /**
   * UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE and DATA_LOSS: gRPC's words for what HTTP
   * calls 5xx.
   */
  private static boolean grpcFailure(Headers headers) {
    int field = headers.find(HeaderName.GRPC_STATUS);
    return field >= 0
        && switch (headers.value(field)) {
          case "2", "4", "13", "14", "15" -> true;
          default -> false;
        };
  }

  private void success() {
    long now = clock.nanoTime();
    if (breaker != null) {
      breaker.success(permit, now);
    }
    if (hostBreaker != null) {
      hostBreaker.success(hostPermit, now);
    }
    clear();
  }

  void failure() {
    long now = clock.nanoTime();
    if (breaker != null) {
      breaker.failure(permit, now);
    }
    if (hostBreaker != null) {
      hostBreaker.failure(hostPermit, now);
    }
    clear();
  }

  /** The attempt, if there is one, says nothing about the service. */
  void ignored() {
    if (breaker != null) {
      breaker.ignored(permit);
    }
    if (hostBreaker != null) {
      hostBreaker.ignored(hostPermit);
    }
    clear();
  }

  private void clear() {
    breaker = null;
    hostBreaker = null;
  }
}
