package dev.weir.control.compile.xds;

import dev.weir.control.compile.Slice;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.model.TelemetrySpec.Otlp;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.PolicyIndex.Held;
import java.util.Optional;
import java.util.Set;

/**
 * What the sidecars of a service log and trace, of calls out and in. It stands in their listeners
 * alone, so that all else of what apps call is the same for all of them.
 *
 * @param collector who gets their spans; empty: nobody, or one that is not there
 */
public record Telemetry(
    Optional<TelemetrySpec.AccessLog> accessLog,
    Optional<TelemetrySpec.Tracing> tracing,
    Optional<Collector> collector) {
  /**
   * Who gets spans.
   *
   * @param traced the service whose spans they are
   */
  public record Collector(ServicePort port, Otlp.Protocol protocol, ObjectName traced) {}

  public static Telemetry of(Slice slice) {
    Policies policies = new Policies(slice.mesh().model());
    Optional<Held<TelemetrySpec, TelemetrySpec.Tracing>> tracing =
        policies.tracing(slice.service());
    return new Telemetry(
        policies.accessLog(slice.service()),
        tracing.map(Held::value),
        tracing.flatMap(held -> collector(held, slice)));
  }

  private static Optional<Collector> collector(
      Held<TelemetrySpec, TelemetrySpec.Tracing> held, Slice slice) {
    Otlp otlp = held.value().otlp();
    if (otlp == null) {
      return Optional.empty();
    }
    ServicePort port = otlp.backendRef().in(held.policy().name().namespace());
    Service service = slice.mesh().model().services().get(port.service());
    return Optional.ofNullable(service)
        .flatMap(known -> known.port(port.port()))
        .flatMap(Otlp.Protocol::of)
        .map(protocol -> new Collector(port, protocol, slice.service().name()));
  }

  /** The policies that say it, kind and name each. */
  public static Set<String> policiesOf(Slice slice) {
    Policies policies = new Policies(slice.mesh().model());
    policies.accessLog(slice.service());
    policies.tracing(slice.service());
    return policies.takeUsed();
  }
}
