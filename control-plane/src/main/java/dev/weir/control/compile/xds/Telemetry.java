package dev.weir.control.compile.xds;

import dev.weir.control.compile.Slice;
import dev.weir.control.model.Backend;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.model.TelemetrySpec.Otlp;
import dev.weir.control.model.TelemetrySpec.Signal;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.PolicyIndex.Held;
import java.util.Optional;
import java.util.Set;

/**
 * What the sidecars of a service log and trace, of calls out and in. It stands in their listeners
 * alone, so that all else of what apps call is the same for all of them.
 *
 * @param collector who gets their spans; empty: nobody, or one that is not there
 * @param records who gets records of their access log; empty: as above
 */
public record Telemetry(
    Optional<TelemetrySpec.AccessLog> accessLog,
    Optional<TelemetrySpec.Tracing> tracing,
    Optional<Collector> collector,
    Optional<Collector> records) {
  /** Nobody has asked for any. */
  public static final Telemetry NONE =
      new Telemetry(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /**
   * Who is told.
   *
   * @param of the service whose sidecars tell it
   */
  public record Collector(ServicePort port, Otlp.Protocol protocol, ObjectName of) {}

  public static Telemetry of(Slice slice) {
    Policies policies = new Policies(slice.mesh().model());
    Optional<Held<TelemetrySpec, TelemetrySpec.Tracing>> tracing =
        policies.tracing(slice.service());
    Optional<Held<TelemetrySpec, TelemetrySpec.AccessLog>> log =
        policies.accessLog(slice.service());
    return new Telemetry(
        log.map(Held::value),
        tracing.map(Held::value),
        tracing.flatMap(held -> collector(Signal.SPANS, held, slice)),
        log.flatMap(held -> collector(Signal.RECORDS, held, slice)));
  }

  /** Empty: the policy names nobody, or one that is not there. */
  static Optional<Collector> collector(Signal signal, Held<TelemetrySpec, ?> held, Slice slice) {
    Backend backend = held.policy().spec().collectors().get(signal);
    if (backend == null) {
      return Optional.empty();
    }
    ServicePort port = backend.in(held.policy().name().namespace());
    Service service = slice.mesh().model().services().get(port.service());
    return Optional.ofNullable(service)
        .flatMap(known -> known.port(port.port()))
        .flatMap(signal::protocol)
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
