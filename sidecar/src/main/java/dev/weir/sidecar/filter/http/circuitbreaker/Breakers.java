package dev.weir.sidecar.filter.http.circuitbreaker;

import dev.weir.sidecar.filter.BreakerReading;
import dev.weir.sidecar.filter.UpstreamHost;
import dev.weir.sidecar.runtime.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breakers of one cluster: one for all of it, or one for each route or host, whichever
 * the policy's scope says. Any thread.
 */
final class Breakers {
  /**
   * Routes come and go with the configuration; over this number those whose breaker is closed lose
   * their count of failures.
   */
  private static final int MOST_ROUTES = 10_000;

  private final CircuitBreaker.Observer observer;
  private final Clock clock;

  /** By the cluster's policy. */
  private final Map<String, CircuitBreaker> byRoute = new ConcurrentHashMap<>();

  /** By policies of the routes' own. */
  private final Map<String, CircuitBreaker> ofRoutes = new ConcurrentHashMap<>();

  /** Of hosts that had one; one that is asked while its host leaves goes with the next. */
  private final Map<UpstreamHost, CircuitBreaker> ofHosts = new ConcurrentHashMap<>();

  private volatile boolean retired;
  private volatile CircuitBreakerConfig config;
  private volatile @Nullable CircuitBreaker service;

  Breakers(CircuitBreakerConfig config, CircuitBreaker.Observer observer, Clock clock) {
    this.config = config;
    this.observer = observer;
    this.clock = clock;
    configure(config);
  }

  /** Takes over another configuration; breakers keep their state. Control thread. */
  void configure(CircuitBreakerConfig next) {
    config = next;
    if (!has(CircuitBreakerConfig.Scope.ROUTE)) {
      byRoute.values().forEach(CircuitBreaker::retire);
      byRoute.clear();
    }
    if (!has(CircuitBreakerConfig.Scope.ENDPOINT)) {
      forgetHosts();
    }
    CircuitBreaker known = service;
    if (!has(CircuitBreakerConfig.Scope.SERVICE)) {
      service = null;
      if (known != null) {
        known.retire();
      }
    } else if (known != null) {
      known.configure(next);
    } else {
      service = new CircuitBreaker(next, observer, clock.nanoTime());
    }
  }

  private void forgetHosts() {
    ofHosts.forEach((host, breaker) -> {
      ofHosts.remove(host);
      host.forget(this);
      breaker.retire();
    });
  }

  /** The cluster is gone: what is open is no longer counted, and nothing is asked. */
  void retire() {
    retired = true;
    CircuitBreaker known = service;
    service = null;
    if (known != null) {
      known.retire();
    }
    byRoute.values().forEach(CircuitBreaker::retire);
    ofRoutes.values().forEach(CircuitBreaker::retire);
    forgetHosts();
  }

  private boolean has(CircuitBreakerConfig.Scope scope) {
    return config.scope() == scope;
  }

  /**
   * The breaker that an attempt by this route asks before a host is chosen; null for none.
   *
   * @param ofRoute the route's own configuration, instead of the cluster's
   * @param route names the route within the cluster's callers
   */
  @Nullable CircuitBreaker beforeHost(@Nullable CircuitBreakerConfig ofRoute, String route) {
    if (retired) {
      return null;
    }
    if (ofRoute != null) {
      return from(ofRoutes, ofRoute, route);
    }
    return switch (config.scope()) {
      case SERVICE -> service;
      case ROUTE -> from(byRoute, config, route);
      case ENDPOINT -> null;
    };
  }

  private CircuitBreaker from(
      Map<String, CircuitBreaker> breakers, CircuitBreakerConfig wanted, String route) {
    CircuitBreaker known = breakers.get(route);
    if (known == null) {
      if (breakers.size() >= MOST_ROUTES) {
        breakers.values().removeIf(breaker -> breaker.state() == CircuitBreaker.State.CLOSED);
      }
      known =
          breakers.computeIfAbsent(
              route, name -> new CircuitBreaker(wanted, observer, clock.nanoTime()));
    }
    if (!known.config().equals(wanted)) {
      known.configure(wanted);
    }
    return known;
  }

  /** The breaker of {@code host}, where each has its own; null for none. */
  @Nullable CircuitBreaker ofHost(UpstreamHost host) {
    CircuitBreakerConfig own = config;
    if (retired || own.scope() != CircuitBreakerConfig.Scope.ENDPOINT || host.removed()) {
      return null;
    }
    CircuitBreaker known =
        host.state(
            this,
            () -> {
              ofHosts.keySet().removeIf(this::gone);
              CircuitBreaker made = new CircuitBreaker(own, observer, clock.nanoTime());
              ofHosts.put(host, made);
              return made;
            });
    if (!known.config().equals(own)) {
      known.configure(own);
    }
    return known;
  }

  /** A host that has left: its breaker is no longer counted as open. */
  private boolean gone(UpstreamHost host) {
    if (!host.removed()) {
      return false;
    }
    CircuitBreaker breaker = ofHosts.get(host);
    if (breaker != null) {
      breaker.retire();
    }
    return true;
  }

  /** A host has left, and its breaker with it. Control thread. */
  void removed(UpstreamHost host) {
    CircuitBreaker breaker = ofHosts.remove(host);
    if (breaker != null) {
      breaker.retire();
    }
  }

  /** Tells those that have ever opened. */
  void read(Consumer<BreakerReading> each) {
    CircuitBreaker ofService = service;
    if (ofService != null) {
      read(ofService, "", "", each);
    }
    byRoute.forEach((route, breaker) -> read(breaker, route, "", each));
    ofRoutes.forEach((route, breaker) -> read(breaker, route, "", each));
    ofHosts.forEach((host, breaker) -> read(breaker, "", host.toString(), each));
  }

  private static void read(
      CircuitBreaker breaker, String route, String instance, Consumer<BreakerReading> each) {
    int opened = breaker.opened(); // before the state: what opens in between is told by the next
    if (opened > 0) {
      each.accept(
          new BreakerReading(
              breaker.config().policy(),
              route,
              instance,
              BreakerReading.State.valueOf(breaker.state().name()),
              opened));
    }
  }

  /** The breakers of service and routes, by what they are for. */
  List<String> describe() {
    long now = clock.nanoTime();
    List<String> lines = new ArrayList<>();
    CircuitBreaker ofService = service;
    if (ofService != null) {
      lines.add("circuit_breaker::" + ofService.describe(now));
    }
    BiConsumer<String, CircuitBreaker> add =
        (route, breaker) ->
            lines.add("circuit_breaker::route " + route + "::" + breaker.describe(now));
    byRoute.forEach(add);
    ofRoutes.forEach(add);
    return lines;
  }

  List<String> describe(UpstreamHost host) {
    CircuitBreaker breaker = ofHosts.get(host);
    return breaker == null
        ? List.of()
        : List.of("circuit_breaker::" + breaker.describe(clock.nanoTime()));
  }
}
