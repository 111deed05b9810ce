package dev.weir.control.compile.xds;

import dev.weir.control.compile.Diagnostics;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.Slice;
import dev.weir.control.model.Service;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.model.TelemetrySpec.Signal;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.PolicyIndex.Held;
import dev.weir.protos.extensions.filters.listener.telemetry.v1alpha1.ListenerTelemetry;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a service's sidecars tell whatever is called. It stands in their inbound listener, which is
 * theirs alone; Envoy has nothing for it but its bootstrap.
 */
final class OwnTelemetry {
  private final Slice slice;
  private final Policies policies;
  private final ProxyKind kind;

  OwnTelemetry(Slice slice, Policies policies, ProxyKind kind) {
    this.slice = slice;
    this.policies = policies;
    this.kind = kind;
  }

  /** Empty: nothing, or the client does not take it. */
  Optional<ListenerFilter> compile() {
    if (!kind.takes(Extension.TELEMETRY)) {
      return Optional.empty();
    }
    ListenerTelemetry.Builder telemetry = ListenerTelemetry.newBuilder();
    policies.metrics(slice.service()).flatMap(this::metrics).ifPresent(telemetry::setMetrics);
    SortedSet<String> redacted = new TreeSet<>();
    for (Service service : services()) {
      policies
          .redactHeaders(service)
          .forEach(
              held -> held.value().forEach(name -> redacted.add(name.toLowerCase(Locale.ROOT))));
    }
    telemetry.addAllRedactedHeaders(redacted);
    ListenerTelemetry made = telemetry.build();
    return made.equals(ListenerTelemetry.getDefaultInstance())
        ? Optional.empty()
        : Optional.of(
            ListenerFilter.newBuilder()
                .setName(Extension.TELEMETRY.key())
                .setTypedConfig(Protos.any(made))
                .build());
  }

  /** Of all that an instance is of. */
  private List<Service> services() {
    return Stream.concat(Stream.of(slice.service()), slice.also().stream()).toList();
  }

  private Optional<ListenerTelemetry.Metrics> metrics(
      Held<TelemetrySpec, TelemetrySpec.Metrics> held) {
    return Telemetry.collector(Signal.METRICS, held, slice)
        .map(collector -> {
          ListenerTelemetry.Metrics.Builder metrics =
              ListenerTelemetry.Metrics.newBuilder()
                  .setInterval(Protos.duration(held.value().otlp().interval()))
                  .putResourceAttributes("service.name", collector.of().name())
                  .putResourceAttributes("service.namespace", collector.of().namespace());
          switch (collector.protocol()) {
            case GRPC -> metrics.setGrpcService(CollectorService.grpc(collector));
            case HTTP -> metrics.setHttpService(CollectorService.http(collector, "/v1/metrics"));
          }
          return metrics.build();
        });
  }

  /** Of what a client does not take. Envoy keeps no requests that could be looked at. */
  void report(Diagnostics diagnostics) {
    if (!kind.takes(Extension.TELEMETRY)) {
      if (kind.weir()) {
        services().stream()
            .flatMap(service -> policies.redactHeaders(service).stream())
            .map(held -> "TelemetryPolicy " + held.policy().name())
            .distinct()
            .forEach(policy ->
                diagnostics.report(
                    policy,
                    "redactHeaders",
                    "left out: this client does not take Weir's telemetry"));
      }
      policies
          .metrics(slice.service())
          .ifPresent(held ->
              diagnostics.report(
                  "TelemetryPolicy " + held.policy().name(),
                  "metrics",
                  "left out: this client does not take Weir's telemetry; Envoy's metrics are sent"
                      + " by stats_sinks of its bootstrap"));
    }
  }
}
