package dev.weir.sidecar.resource.filter;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.protos.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig;
import dev.weir.sidecar.filter.http.circuitbreaker.CircuitBreakerConfig.Scope;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import java.util.Optional;
import java.util.Set;

final class CircuitBreakerParser implements FilterParser {
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
    return new CircuitBreakerConfig(
        proto.getPolicy(),
        scope,
        Scalars.clamp(proto.getConsecutiveFailures()),
        proto.hasInterval()
            ? Optional.of(Scalars.duration(proto.getInterval(), path.field("interval")))
            : Optional.empty(),
        Scalars.duration(proto.getOpenFor(), path.field("open_for")),
        Math.max(1, Scalars.clamp(proto.getProbes())),
        proto.getShadow());
  }
}
