package dev.weir.control.compile.xds;

import com.google.protobuf.Any;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.Slice;
import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.Jwt;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.Policies.LimitOf;
import dev.weir.control.policy.PolicyIndex.Held;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import java.util.ArrayList;
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
  private final KeyServers servers;
  private final InboundAccess access;
  private final Gateways gateways;
  private final OwnTelemetry ownTelemetry;

  InboundCompiler(Slice slice, ProxyKind kind) {
    this.slice = slice;
    this.kind = kind;
    this.own = slice.service();
    this.policies = new Policies(slice.mesh().model());
    policies.together(services());
    this.servers = new KeyServers(slice);
    this.access = new InboundAccess(policies, slice.mesh().trustDomain(), servers, kind.weir());
    this.gateways = Gateways.of(slice, kind);
    this.ownTelemetry = new OwnTelemetry(slice, policies, kind);
    this.clusters = new ClusterCompiler(kind, slice.mesh(), collector.diagnostics());
  }

  XdsResources compile() {
    SortedMap<ServicePort, Port> ports = ports();
    ports.forEach(this::inbound);
    policies.accessLog(own);
    reportTracing();
    ownTelemetry.report(collector.diagnostics());
    if (ports.values().stream().anyMatch(port -> port.protocol() != Port.Protocol.TCP)) {
      gateways.use(policies, collector.diagnostics());
    }
    if (!kind.weir()) {
      ports.forEach(this::reportDrains);
    }
    ports.keySet().forEach(port -> policies.outdone(port).forEach(this::outdone));
    collector.put(
        ResourceType.LISTENER,
        Names.INBOUND_LISTENER,
        new ListenerCompiler(kind, new HttpConnectionManagers(kind, Telemetry.of(slice)))
            .inbound(ports, taken()),
        origins());
    collector.put(clusters.inboundPassthrough(), Set.of());
    for (ServicePort port : ports.keySet()) {
      policies.jwt(port).stream()
          .flatMap(held -> held.value().providers().stream())
          .forEach(provider -> {
            if (provider.jwks() instanceof Jwt.JwksUri(String uri) && servers.isOutside(uri)) {
              collector.put(clusters.keys(uri), origins());
            }
          });
    }
    ports.forEach((port, target) -> {
      if (target.protocol() != Port.Protocol.TCP) {
        access.asked(port).stream().filter(this::isNowhere).forEach(this::nobody);
      }
    });
    return collector.resources();
  }

  private boolean isNowhere(ServicePort server) {
    Service service = slice.mesh().model().services().get(server.service());
    return service == null || service.port(server.port()).isEmpty();
  }

  /** A cluster without hosts: Envoy refuses a filter that asks one that is not there. */
  private void nobody(ServicePort server) {
    collector.put(clusters.nobody(Names.outbound(server)), origins());
  }

  private ListenerCompiler.Taken taken() {
    return new ListenerCompiler.Taken() {
      @Override
      public boolean byPath(ServicePort port) {
        return policies.protectsByPath(port);
      }

      @Override
      public AuthenticationSpec.Mtls.Mode mtls(ServicePort port) {
        return policies.mtls(port).mode();
      }

      @Override
      public AuthenticationSpec.Mtls.Mode elsewhere() {
        return services().stream()
            .map(service -> policies.mtls(service).mode())
            .filter(AuthenticationSpec.Mtls.Mode.STRICT::equals)
            .findFirst()
            .orElse(policies.mtls(own).mode());
      }

      @Override
      public InboundAccess access() {
        return access;
      }

      @Override
      public Gateways gateways() {
        return gateways;
      }

      @Override
      public Optional<ListenerFilter> telemetry() {
        return ownTelemetry.compile();
      }

      @Override
      public Service service() {
        return own;
      }
    };
  }

  private void reportTracing() {
    Optional<Held<TelemetrySpec, TelemetrySpec.Tracing>> tracing = policies.tracing(own);
    if (!kind.takes(Extension.TRACE_CONTEXT)) {
      tracing.ifPresent(held -> {
        boolean sends = Telemetry.of(slice).collector().isPresent();
        if (!sends || !held.value().propagate().equals(List.of(TelemetrySpec.Format.W3C))) {
          collector
              .diagnostics()
              .report(
                  "TelemetryPolicy " + held.policy().name(),
                  sends ? "tracing.propagate" : "tracing",
                  sends
                      ? "W3C alone: this client does not take Weir's trace context"
                      : "left out: this client does not take Weir's trace context");
        }
      });
    }
  }

  /** What comes with the listener: real Envoy takes a changed one by connections that are new. */
  private void reportDrains(ServicePort port, Port target) {
    List<Policy<AuthorizationSpec>> authorization = policies.authorization(port);
    if (target.protocol() != Port.Protocol.TCP) {
      policies
          .jwt(port)
          .ifPresent(held -> drains("AuthenticationPolicy " + held.policy().name(), "jwt"));
      authorization.stream()
          .filter(policy -> policy.spec().external() != null)
          .forEach(policy -> drains("AuthorizationPolicy " + policy.name(), "external"));
    }
    if (target.protocol() == Port.Protocol.TCP || target.protocol() == Port.Protocol.AUTO) {
      authorization.forEach(policy -> drains("AuthorizationPolicy " + policy.name(), "rules"));
    }
  }

  private void drains(String policy, String section) {
    collector
        .diagnostics()
        .report(policy, section, "approximate: a change of it drains the connections of its ports");
  }

  private void outdone(String policy, String section) {
    collector
        .diagnostics()
        .report(policy, section, "left out: another Service has the same port of these pods");
  }

  /** Of what was just made. */
  private Set<String> origins() {
    services().forEach(service -> policies.use("Service", service.name()));
    return policies.takeUsed();
  }

  /** Two ports with the same instances' port are one: the first. */
  private SortedMap<ServicePort, Port> ports() {
    SortedMap<ServicePort, Port> ports = new TreeMap<>();
    Set<Integer> targets = new HashSet<>();
    for (Service service : services()) {
      for (Port port : service.ports()) {
        if (targets.add(port.targetPort())) {
          ports.put(new ServicePort(service.name(), port.port()), port);
        }
      }
    }
    return ports;
  }

  private List<Service> services() {
    List<Service> services = new ArrayList<>(List.of(own));
    services.addAll(slice.also());
    return services;
  }

  private Service serviceOf(ServicePort port) {
    return services().stream()
        .filter(service -> service.name().equals(port.service()))
        .findFirst()
        .orElseThrow();
  }

  private void inbound(ServicePort port, Port target) {
    collector.put(clusters.inbound(port, target, policies), origins());
    if (target.protocol() == Port.Protocol.TCP) {
      return;
    }
    Map<String, Any> filters = new TreeMap<>();
    access.routes(port, filters);
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
            .inbound(serviceOf(port), port),
        origins());
  }
}
