package dev.weir.control.compile.xds;

import com.google.protobuf.Any;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.Slice;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.Policies.LimitOf;
import dev.weir.control.policy.PolicyIndex.Held;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What an app takes: the calls to the ports of its service, within what protects it. */
final class InboundCompiler {
  private final Slice slice;
  private final ProxyKind kind;
  private final Service own;
  private final Policies policies;
  private final ResourceCollector collector = new ResourceCollector();
  private final ClusterCompiler clusters;

  InboundCompiler(Slice slice, ProxyKind kind) {
    this.slice = slice;
    this.kind = kind;
    this.own = slice.service();
    this.policies = new Policies(slice.mesh().model());
    this.clusters = new ClusterCompiler(kind, collector.diagnostics());
  }

  XdsResources compile() {
    SortedMap<ServicePort, Port> ports = ports();
    ports.forEach(this::inbound);
    policies.accessLog(own);
    reportTracing();
    collector.put(
        ResourceType.LISTENER,
        Names.INBOUND_LISTENER,
        new ListenerCompiler(kind, new HttpConnectionManagers(kind, Telemetry.of(slice)))
            .inbound(ports, policies::protectsByPath),
        origins());
    collector.put(clusters.inboundPassthrough(), Set.of());
    return collector.resources();
  }

  private void reportTracing() {
    Optional<Held<TelemetrySpec, TelemetrySpec.Tracing>> tracing = policies.tracing(own);
    if (!kind.takes(Extension.TRACE_CONTEXT)) {
      tracing.ifPresent(held ->
          collector
              .diagnostics()
              .report(
                  "TelemetryPolicy " + held.policy().name(),
                  "tracing",
                  "left out: this client does not take Weir's trace context"));
    }
  }

  /** Of what was just made. */
  private Set<String> origins() {
    policies.use("Service", own.name());
    return policies.takeUsed();
  }

  /** Two ports with the same instances' port are one: the first. */
  private SortedMap<ServicePort, Port> ports() {
    SortedMap<ServicePort, Port> ports = new TreeMap<>();
    Set<Integer> targets = new HashSet<>();
    for (Port port : own.ports()) {
      if (targets.add(port.targetPort())) {
        ports.put(new ServicePort(own.name(), port.port()), port);
      }
    }
    return ports;
  }

  private void inbound(ServicePort port, Port target) {
    collector.put(clusters.inbound(port, target, policies), origins());
    if (target.protocol() == Port.Protocol.TCP) {
      return;
    }
    Map<String, Any> filters = new TreeMap<>();
    List<LimitOf> limits = policies.limits(port);
    if (!limits.isEmpty()) {
      if (kind.takes(Extension.RATE_LIMIT)) {
        filters.put(Extension.RATE_LIMIT.key(), Protos.any(RateLimitCompiler.limits(limits)));
      } else {
        RateLimitCompiler.nearest(limits, collector.diagnostics())
            .ifPresent(limit -> filters.put(RateLimitCompiler.STANDARD_FILTER, Protos.any(limit)));
      }
    }
    if (kind.takes(Extension.BULKHEAD)) {
      policies
          .concurrency(port)
          .map(held -> Protos.any(BulkheadCompiler.bulkhead(port, held)))
          .ifPresent(bulkhead -> filters.put(Extension.BULKHEAD.key(), bulkhead));
    }
    collector.put(
        ResourceType.ROUTES,
        Names.inbound(port),
        new RouteCompiler(slice.mesh(), policies, kind, collector.diagnostics(), filters)
            .inbound(own, port),
        origins());
  }
}
