package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker;
import dev.weir.protos.extensions.filters.http.circuit_breaker.v1alpha1.Window;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.ConsecutiveFailures;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.FailureRate;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.LastRequests;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.LastTime;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Scope;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Share;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.SlowCalls;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Trip;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import java.util.Optional;
import java.util.Set;

final class CircuitBreakerParser implements FilterParser {
  /** A share of 1 in hundredths of a percent. */
  private static final int WHOLE = 10_000;

  @Override
  public String type() {
    return "weir.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker";
  }

  @Override
  public Set<Place> places() {
    return Set.of(Place.UPSTREAM, Place.ROUTE);
  }

  @Override
  public FilterConfig parse(Message content, Place place, FieldPath path) throws Invalid {
    CircuitBreaker proto = (CircuitBreaker) content;
    Scope scope =
        switch (proto.getScope()) {
          case SCOPE_UNSPECIFIED -> place == Place.ROUTE ? Scope.ROUTE : Scope.SERVICE;
          case SERVICE -> Scope.SERVICE;
          case ENDPOINT -> Scope.ENDPOINT;
          case ROUTE -> Scope.ROUTE;
          case UNRECOGNIZED ->
              throw new Invalid(path.field("scope"), "has no value " + proto.getScopeValue());
        };
    if (place == Place.ROUTE && scope != Scope.ROUTE) {
      throw new Invalid(path.field("scope"), "must be ROUTE on a route");
    }
    Trip trip = trip(proto, path);
    if (proto.hasInterval() && !(trip instanceof ConsecutiveFailures)) {
      throw new Invalid(
          path.field("interval"), "is of consecutive_failures alone: a window forgets by itself");
    }
    return new CircuitBreakerConfig(
        proto.getPolicy(),
        scope,
        trip,
        proto.hasInterval()
            ? Optional.of(Scalars.duration(proto.getInterval(), path.field("interval")))
            : Optional.empty(),
        Scalars.duration(proto.getOpenFor(), path.field("open_for")),
        Math.max(1, Scalars.clamp(proto.getProbes())),
        proto.getShadow());
  }

  private static Trip trip(CircuitBreaker proto, FieldPath path) throws Invalid {
    return switch (proto.getTripCase()) {
      case CONSECUTIVE_FAILURES ->
          new ConsecutiveFailures(Scalars.clamp(proto.getConsecutiveFailures()));
      case FAILURE_RATE -> {
        var rate = proto.getFailureRate();
        yield new FailureRate(
            share(
                rate.getShare(), rate.getWindow(), rate.getAtLeast(), path.field("failure_rate")));
      }
      case SLOW_CALLS -> {
        var slow = proto.getSlowCalls();
        FieldPath at = path.field("slow_calls");
        yield new SlowCalls(
            Scalars.duration(slow.getSlowerThan(), at.field("slower_than")),
            share(slow.getShare(), slow.getWindow(), slow.getAtLeast(), at));
      }
      case TRIP_NOT_SET ->
          throw new Invalid(path, "must set one of consecutive_failures, failure_rate, slow_calls");
    };
  }

  private static Share share(double share, Window window, int atLeast, FieldPath path)
      throws Invalid {
    if (window.hasRequests() && Integer.compareUnsigned(atLeast, window.getRequests()) > 0) {
      throw new Invalid(
          path.field("at_least"),
          "must be at most window.requests, which is " + window.getRequests());
    }
    return new Share(
        Math.max(1, (int) Math.round(share * WHOLE)),
        window.hasRequests()
            ? new LastRequests(window.getRequests())
            : new LastTime(
                Scalars.duration(window.getDuration(), path.field("window").field("duration"))),
        Scalars.clamp(atLeast));
  }
}
