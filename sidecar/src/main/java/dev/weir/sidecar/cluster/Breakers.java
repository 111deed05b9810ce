package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breakers of one cluster: one for all of it, or one for each route or host, whichever
 * the policy's scope says. Any thread.
 */
public final class Breakers {
  /**
   * Routes come and go with the configuration; over this number those whose breaker is closed lose
   * their count of failures.
   */
  private static final int MOST_ROUTES = 10_000;

  private final CircuitBreaker.Observer observer;

  /** By the cluster's policy. */
  private final Map<String, CircuitBreaker> byRoute = new ConcurrentHashMap<>();

  /** By policies of the routes' own. */
  private final Map<String, CircuitBreaker> ofRoutes = new ConcurrentHashMap<>();

  private volatile boolean retired;
  private volatile Optional<CircuitBreakerConfig> config = Optional.empty();
  private volatile @Nullable CircuitBreaker service;

  Breakers(CircuitBreaker.Observer observer) {
    this.observer = observer;
  }

  /** Takes over the cluster's configuration; breakers keep their state. Control thread. */
  void configure(Cluster cluster) {
    Optional<CircuitBreakerConfig> next = Optional.empty();
    for (HttpFilter filter : cluster.upstreamFilters()) {
      if (filter.config() instanceof CircuitBreakerConfig breaker && !filter.disabled()) {
        next = Optional.of(breaker);
      }
    }
    config = next;
    if (!has(CircuitBreakerConfig.Scope.ROUTE)) {
      byRoute.values().forEach(CircuitBreaker::retire);
      byRoute.clear();
    }
    CircuitBreaker known = service;
    if (next.isEmpty() || !has(CircuitBreakerConfig.Scope.SERVICE)) {
      service = null;
      if (known != null) {
        known.retire();
      }
    } else if (known != null) {
      known.configure(next.get());
    } else {
      service = new CircuitBreaker(next.get(), observer, System.nanoTime());
    }
  }

  /** The cluster is gone: what is open is no longer counted, and nothing is asked. */
  void retire() {
    retired = true;
    config = Optional.empty();
    CircuitBreaker known = service;
    service = null;
    if (known != null) {
      known.retire();
    }
    byRoute.values().forEach(CircuitBreaker::retire);
    ofRoutes.values().forEach(CircuitBreaker::retire);
  }

  /** The cluster's policy keeps a breaker for each of these. */
  boolean has(CircuitBreakerConfig.Scope scope) {
    return config.filter(own -> own.scope() == scope).isPresent();
  }

  /**
   * The breaker that an attempt by this route asks before a host is chosen; null for none.
   *
   * @param ofRoute the route's own configuration, instead of the cluster's
   * @param route names the route within the cluster's callers
   */
  public @Nullable CircuitBreaker beforeHost(@Nullable CircuitBreakerConfig ofRoute, String route) {
    if (retired) {
      return null;
    }
    if (ofRoute != null) {
      return from(ofRoutes, ofRoute, route);
    }
    Optional<CircuitBreakerConfig> own = config;
    if (own.isEmpty()) {
      return null;
    }
    return switch (own.get().scope()) {
      case SERVICE -> service;
      case ROUTE -> from(byRoute, own.get(), route);
      case ENDPOINT -> null;
    };
  }

  private @Nullable CircuitBreaker from(
      Map<String, CircuitBreaker> breakers, CircuitBreakerConfig wanted, String route) {
    CircuitBreaker known = breakers.get(route);
    if (known == null) {
      if (breakers.size() >= MOST_ROUTES) {
        breakers.values().removeIf(breaker -> breaker.state() == CircuitBreaker.State.CLOSED);
      }
      known =
          breakers.computeIfAbsent(
              route, name -> new CircuitBreaker(wanted, observer, System.nanoTime()));
    }
    if (!known.config().equals(wanted)) {
      known.configure(wanted);
    }
    return known;
  }

  /** The breaker of {@code host}, where each has its own; null for none. */
  public @Nullable CircuitBreaker ofHost(Host host) {
    Optional<CircuitBreakerConfig> own = config;
    if (own.isEmpty() || own.get().scope() != CircuitBreakerConfig.Scope.ENDPOINT) {
      return null;
    }
    return host.breaker(own.get(), observer);
  }
}
