package dev.weir.control.compile.xds;

import dev.weir.control.compile.Diagnostics;
import dev.weir.control.model.CircuitBreaker;
import dev.weir.control.model.Mode;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.schema.Percentage;
import dev.weir.control.model.schema.Span;
import dev.weir.control.policy.PolicyIndex.Held;
import io.envoyproxy.envoy.config.cluster.v3.OutlierDetection;
import java.time.Duration;
import java.util.Optional;

/**
 * Single instances that are left out, by Envoy's outlier detection; and what of it comes nearest to
 * a breaker, for a client that has none.
 *
 * @see <a
 *     href="https://www.envoyproxy.io/docs/envoy/v1.34.0/intro/arch_overview/upstream/outlier">Envoy
 *     on outlier detection</a>
 */
final class OutlierCompiler {
  /**
   * Envoy judges, and takes back, this often; a shorter window is judged as often as it is long.
   */
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private static final Percentage ALL = Percentage.parse("100%");

  private OutlierCompiler() {}

  /**
   * @param weir the client is Weir's sidecar, which knows no success rate
   */
  static OutlierDetection.Builder outlier(
      dev.weir.control.model.OutlierDetection detection, boolean weir) {
    OutlierDetection.Builder outlier =
        OutlierDetection.newBuilder()
            .setConsecutive5Xx(Protos.uint32(detection.consecutiveErrors()))
            .setEnforcingConsecutive5Xx(Protos.uint32(100))
            .setEnforcingConsecutiveGatewayFailure(Protos.uint32(0))
            .setBaseEjectionTime(Protos.duration(detection.ejectFor()))
            .setMaxEjectionPercent(Protos.uint32(percent(detection.maxEjected())));
    if (!weir) {
      outlier.setEnforcingSuccessRate(Protos.uint32(0));
    }
    return outlier;
  }

  /**
   * A client without the breaker leaves out the instances that fail, each by itself. What differs
   * is reported. Empty: nothing comes near.
   *
   * @param detected the cluster has outlier detection of its own
   */
  static Optional<OutlierDetection> nearest(
      Held<ResilienceSpec, CircuitBreaker> held, boolean detected, Diagnostics diagnostics) {
    CircuitBreaker breaker = held.value();
    String policy = "ResiliencePolicy " + held.policy().name();
    if (held.policy().spec().mode() == Mode.SHADOW) {
      diagnostics.report(policy, "circuitBreaker", "left out: this client has no breaker to watch");
      return Optional.empty();
    }
    if (breaker.trip() instanceof CircuitBreaker.TooManySlow) {
      diagnostics.report(
          policy,
          "circuitBreaker",
          "left out: this client has nothing that tells slow calls apart");
      return Optional.empty();
    }
    if (detected) {
      diagnostics.report(
          policy, "circuitBreaker", "left out: outlierDetection is the nearest this client has");
      return Optional.empty();
    }
    return switch (breaker.trip()) {
      case CircuitBreaker.ConsecutiveFailures trip -> {
        diagnostics.report(
            policy,
            "circuitBreaker",
            "approximate: outlier detection, for each instance by itself");
        yield Optional.of(
            outlier(
                    new dev.weir.control.model.OutlierDetection(
                        trip.consecutiveFailures(), breaker.openFor(), ALL),
                    false)
                .build());
      }
      case CircuitBreaker.TooManyFailed trip -> {
        Duration interval = interval(trip.failureRate().window());
        diagnostics.report(
            policy,
            "circuitBreaker",
            "approximate: outlier detection by failure percentage, for each instance by itself and"
                + " each %s by itself".formatted(Span.print(interval)));
        yield Optional.of(failurePercentage(trip.failureRate(), interval, breaker.openFor()));
      }
      case CircuitBreaker.TooManySlow _ -> Optional.empty();
    };
  }

  private static Duration interval(CircuitBreaker.Window window) {
    return switch (window) {
      case CircuitBreaker.LastRequests _ -> INTERVAL;
      case CircuitBreaker.LastTime last ->
          last.duration().compareTo(INTERVAL) < 0 ? last.duration() : INTERVAL;
    };
  }

  private static OutlierDetection failurePercentage(
      CircuitBreaker.FailureRate rate, Duration interval, Duration openFor) {
    return OutlierDetection.newBuilder()
        .setInterval(Protos.duration(interval))
        .setBaseEjectionTime(Protos.duration(openFor))
        .setMaxEjectionPercent(Protos.uint32(percent(ALL)))
        .setEnforcingConsecutive5Xx(Protos.uint32(0))
        .setEnforcingConsecutiveGatewayFailure(Protos.uint32(0))
        .setEnforcingSuccessRate(Protos.uint32(0))
        .setEnforcingFailurePercentage(Protos.uint32(100))
        .setFailurePercentageThreshold(Protos.uint32(percent(rate.share())))
        .setFailurePercentageMinimumHosts(Protos.uint32(1))
        .setFailurePercentageRequestVolume(Protos.uint32(rate.enough()))
        .build();
  }

  private static int percent(Percentage percentage) {
    return (int) Math.round(percentage.share() * 100);
  }
}
