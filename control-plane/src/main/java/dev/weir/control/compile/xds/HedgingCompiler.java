package dev.weir.control.compile.xds;

import dev.weir.control.compile.Diagnostics;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Retry;
import dev.weir.control.policy.PolicyIndex.Held;
import dev.weir.protos.extensions.filters.http.router.v1alpha1.Hedging;
import io.envoyproxy.envoy.config.route.v3.HedgePolicy;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.RouteAction;

/** Copies of slow requests as Weir's router takes them, or the nearest of Envoy's. */
final class HedgingCompiler {
  private HedgingCompiler() {}

  static Hedging hedging(dev.weir.control.model.Hedging hedging) {
    Hedging.Builder proto =
        Hedging.newBuilder()
            .setDelay(Protos.duration(hedging.delay()))
            .setAttempts(hedging.attempts());
    if (hedging.methods() == Retry.Methods.IDEMPOTENT) {
      proto.addAllRequestHeaders(RetryCompiler.IDEMPOTENT);
    }
    return proto.build();
  }

  /**
   * Envoy retries beside an attempt whose time is up, so that the delay is the time of one try and
   * a copy is a retry.
   */
  static void nearest(
      Held<ResilienceSpec, dev.weir.control.model.Hedging> held,
      RouteAction.Builder action,
      RetryPolicy.Builder retry,
      Diagnostics diagnostics) {
    String policy = "ResiliencePolicy " + held.policy().name();
    if (retry.hasPerTryTimeout()) {
      diagnostics.report(
          policy,
          "hedging",
          "left out: this client hedges by timeouts.backendRequest, which is set");
      return;
    }
    diagnostics.report(policy, "hedging", "approximate: copies are retries, to any instance");
    dev.weir.control.model.Hedging hedging = held.value();
    if (hedging.methods() == Retry.Methods.IDEMPOTENT
        && retry.getRetriableRequestHeadersCount() == 0) {
      retry.addAllRetriableRequestHeaders(RetryCompiler.IDEMPOTENT);
    }
    retry
        .setPerTryTimeout(Protos.duration(hedging.delay()))
        .setNumRetries(
            Protos.uint32(Math.max(retry.getNumRetries().getValue(), hedging.attempts())));
    action.setHedgePolicy(HedgePolicy.newBuilder().setHedgeOnPerTryTimeout(true));
  }
}
