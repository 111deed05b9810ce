package dev.weir.control.compile;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.weir.control.compile.Policies.LimitOf;
import dev.weir.control.compile.PolicyIndex.Held;
import dev.weir.control.model.CircuitBreaker;
import dev.weir.control.model.Port;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Route;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes a proxy's resources from the mesh: what its app calls, and what its app takes. */
public final class Compiler {
  private final Mesh mesh;
  private final Proxy proxy;
  private final Policies policies;
  private final Service own;
  private final Diagnostics diagnostics = new Diagnostics();
  private final Map<ResourceType, SortedMap<String, Message>> resources =
      new EnumMap<>(ResourceType.class);

  private Compiler(Mesh mesh, Proxy proxy, Service own) {
    this.mesh = mesh;
    this.proxy = proxy;
    this.own = own;
    this.policies = new Policies(mesh.model());
  }

  /** A proxy of a service that is gone gets what its app may call, and nothing inbound. */
  public static XdsResources compile(Mesh mesh, Proxy proxy) {
    Service own = mesh.model().services().get(proxy.service());
    return new Compiler(
            mesh,
            proxy,
            own == null ? new Service(proxy.service(), Optional.empty(), List.of()) : own)
        .compile();
  }

  private XdsResources compile() {
    ClusterCompiler clusters = new ClusterCompiler(proxy, diagnostics);
    HttpConnectionManagers managers = new HttpConnectionManagers(proxy, policies.accessLog(own));
    ListenerCompiler listeners = new ListenerCompiler(mesh, proxy, managers);
    outbound(clusters);
    put(ResourceType.LISTENER, Names.OUTBOUND_LISTENER, listeners.outbound());
    put(clusters.passthrough());
    SortedMap<ServicePort, Port> inbound = inboundPorts();
    inbound.forEach((port, target) -> inbound(port, target, clusters));
    put(ResourceType.LISTENER, Names.INBOUND_LISTENER, listeners.inbound(inbound));
    put(clusters.inboundPassthrough());
    return new XdsResources(resources, diagnostics.reported());
  }

  private void outbound(ClusterCompiler clusters) {
    Map<ServicePort, Held<ResilienceSpec, CircuitBreaker>> routed = routedBreakers();
    RouteCompiler routes =
        new RouteCompiler(mesh, policies, proxy.takes(Extension.CIRCUIT_BREAKER), traceConfig());
    for (Service service : mesh.model().services().values()) {
      for (Port port : service.ports()) {
        ServicePort servicePort = new ServicePort(service.name(), port.port());
        String name = Names.outbound(servicePort);
        put(
            clusters.outbound(
                servicePort,
                port.protocol(),
                policies,
                Optional.ofNullable(routed.get(servicePort))));
        put(
            ResourceType.ENDPOINTS,
            name,
            EndpointCompiler.assignment(name, mesh.model().endpointsOf(servicePort)));
        if (port.protocol() != Port.Protocol.TCP) {
          put(ResourceType.ROUTES, name, routes.outbound(service, servicePort));
        }
      }
    }
  }

  /** The ports that some route with a breaker of its own leads to. */
  private Map<ServicePort, Held<ResilienceSpec, CircuitBreaker>> routedBreakers() {
    Map<ServicePort, Held<ResilienceSpec, CircuitBreaker>> targets = new HashMap<>();
    for (Route route : mesh.model().routes()) {
      for (Route.Rule rule : route.rules()) {
        policies
            .circuitBreaker(new Policies.RuleOf(route, rule))
            .ifPresent(held -> {
              rule.backends().forEach(backend -> targets.putIfAbsent(backend.target(), held));
              if (!proxy.takes(Extension.CIRCUIT_BREAKER)) {
                diagnostics.report(
                    "ResiliencePolicy " + held.policy().name(),
                    "circuitBreaker",
                    "left out: this client has no breaker for a route");
              }
            });
      }
    }
    return targets;
  }

  /** Two ports with the same instances' port are one: the first. */
  private SortedMap<ServicePort, Port> inboundPorts() {
    SortedMap<ServicePort, Port> ports = new TreeMap<>();
    Set<Integer> targets = new HashSet<>();
    for (Port port : own.ports()) {
      if (targets.add(port.targetPort())) {
        ports.put(new ServicePort(own.name(), port.port()), port);
      }
    }
    return ports;
  }

  private void inbound(ServicePort port, Port target, ClusterCompiler clusters) {
    put(clusters.inbound(port, target));
    if (target.protocol() == Port.Protocol.TCP) {
      return;
    }
    Map<String, Any> filters = new TreeMap<>(traceConfig());
    List<LimitOf> limits = policies.limits(port);
    if (!limits.isEmpty()) {
      if (proxy.takes(Extension.RATE_LIMIT)) {
        filters.put(Extension.RATE_LIMIT.key(), Protos.any(RateLimitCompiler.limits(limits)));
      } else {
        RateLimitCompiler.nearest(limits, diagnostics)
            .ifPresent(limit -> filters.put(RateLimitCompiler.STANDARD_FILTER, Protos.any(limit)));
      }
    }
    put(
        ResourceType.ROUTES,
        Names.inbound(port),
        new RouteCompiler(mesh, policies, false, filters).inbound(own, port));
  }

  private Map<String, Any> traceConfig() {
    Map<String, Any> filters = new TreeMap<>();
    policies
        .tracing(own)
        .ifPresent(held -> {
          if (proxy.takes(Extension.TRACE_CONTEXT)) {
            filters.put(
                Extension.TRACE_CONTEXT.key(),
                Protos.any(TelemetryCompiler.traceContext(held.value())));
          } else {
            diagnostics.report(
                "TelemetryPolicy " + held.policy().name(),
                "tracing",
                "left out: this client does not take Weir's trace context");
          }
        });
    return filters;
  }

  private void put(Cluster cluster) {
    put(ResourceType.CLUSTER, cluster.getName(), cluster);
  }

  private void put(ResourceType type, String name, Message resource) {
    resources.computeIfAbsent(type, key -> new TreeMap<>()).put(name, resource);
  }
}
