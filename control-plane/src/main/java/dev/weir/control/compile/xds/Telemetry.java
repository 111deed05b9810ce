package dev.weir.control.compile.xds;

import dev.weir.control.compile.Slice;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.PolicyIndex.Held;
import java.util.Optional;
import java.util.Set;

/**
 * What the sidecars of a service log and trace, of calls out and in. It stands in their listeners
 * alone, so that all else of what apps call is the same for all of them.
 */
public record Telemetry(
    Optional<TelemetrySpec.AccessLog> accessLog, Optional<TelemetrySpec.Tracing> tracing) {
  public static Telemetry of(Slice slice) {
    Policies policies = new Policies(slice.mesh().model());
    return new Telemetry(
        policies.accessLog(slice.service()), policies.tracing(slice.service()).map(Held::value));
  }

  /** The policies that say it, kind and name each. */
  public static Set<String> policiesOf(Slice slice) {
    Policies policies = new Policies(slice.mesh().model());
    policies.accessLog(slice.service());
    policies.tracing(slice.service());
    return policies.takeUsed();
  }
}
