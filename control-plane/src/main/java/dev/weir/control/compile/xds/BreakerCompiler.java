package dev.weir.control.compile.xds;

import dev.weir.control.model.CircuitBreaker.ConsecutiveFailures;
import dev.weir.control.model.CircuitBreaker.LastRequests;
import dev.weir.control.model.CircuitBreaker.LastTime;
import dev.weir.control.model.CircuitBreaker.TooManyFailed;
import dev.weir.control.model.CircuitBreaker.TooManySlow;
import dev.weir.control.model.Mode;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.policy.PolicyIndex.Held;
import dev.weir.protos.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker;
import dev.weir.protos.extensions.filters.http.circuit_breaker.v1alpha1.CircuitBreaker.Scope;
import dev.weir.protos.extensions.filters.http.circuit_breaker.v1alpha1.FailureRate;
import dev.weir.protos.extensions.filters.http.circuit_breaker.v1alpha1.SlowCalls;
import dev.weir.protos.extensions.filters.http.circuit_breaker.v1alpha1.Window;
import java.time.Duration;

/** A breaker as Weir's upstream filter takes it. */
final class BreakerCompiler {
  private BreakerCompiler() {}

  /** Of a policy on a route: it is the route's alone. */
  static CircuitBreaker ofRoute(Held<ResilienceSpec, dev.weir.control.model.CircuitBreaker> held) {
    return breaker(held).toBuilder().setScope(Scope.ROUTE).build();
  }

  static CircuitBreaker breaker(Held<ResilienceSpec, dev.weir.control.model.CircuitBreaker> held) {
    dev.weir.control.model.CircuitBreaker breaker = held.value();
    var builder =
        CircuitBreaker.newBuilder()
            .setPolicy(held.policy().name().toString())
            .setScope(scope(breaker.scope()))
            .setOpenFor(Protos.duration(breaker.openFor()))
            .setProbes(breaker.probes())
            .setShadow(held.policy().spec().mode() == Mode.SHADOW);
    switch (breaker.trip()) {
      case ConsecutiveFailures trip -> builder.setConsecutiveFailures(trip.consecutiveFailures());
      case TooManyFailed trip -> builder.setFailureRate(failureRate(trip.failureRate()));
      case TooManySlow trip -> builder.setSlowCalls(slowCalls(trip.slowCalls()));
    }
    Duration interval = breaker.interval();
    if (interval != null) {
      builder.setInterval(Protos.duration(interval));
    }
    return builder.build();
  }

  private static FailureRate failureRate(dev.weir.control.model.CircuitBreaker.FailureRate rate) {
    return FailureRate.newBuilder()
        .setShare(rate.share().share())
        .setWindow(window(rate.window()))
        .setAtLeast(rate.enough())
        .build();
  }

  private static SlowCalls slowCalls(dev.weir.control.model.CircuitBreaker.SlowCalls slow) {
    return SlowCalls.newBuilder()
        .setSlowerThan(Protos.duration(slow.slowerThan()))
        .setShare(slow.share().share())
        .setWindow(window(slow.window()))
        .setAtLeast(slow.enough())
        .build();
  }

  private static Window window(dev.weir.control.model.CircuitBreaker.Window window) {
    return switch (window) {
      case LastRequests last -> Window.newBuilder().setRequests(last.requests()).build();
      case LastTime last ->
          Window.newBuilder().setDuration(Protos.duration(last.duration())).build();
    };
  }

  private static Scope scope(dev.weir.control.model.CircuitBreaker.Scope scope) {
    return switch (scope) {
      case SERVICE -> Scope.SERVICE;
      case ENDPOINT -> Scope.ENDPOINT;
      case ROUTE -> Scope.ROUTE;
    };
  }
}
