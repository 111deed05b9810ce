package dev.weir.control.compile.xds;

import com.google.protobuf.Any;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.model.CircuitBreaker;
import dev.weir.control.model.Port;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Route;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.PolicyIndex.Held;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What apps call: a cluster, its endpoints and its routes for each port of the mesh. */
final class OutboundCompiler {
  private final Mesh mesh;
  private final Policies policies;
  private final Client client;
  private final ResourceCollector collector = new ResourceCollector();
  private final ClusterCompiler clusters;

  OutboundCompiler(Mesh mesh, Policies policies, Client client) {
    this.mesh = mesh;
    this.policies = policies;
    this.client = client;
    this.clusters = new ClusterCompiler(client.kind(), collector.diagnostics());
  }

  /** All that the result follows from, beside the mesh. */
  record Client(
      ProxyKind kind, Optional<TelemetrySpec.AccessLog> accessLog, Map<String, Any> routeFilters) {}

  XdsResources compile() {
    Map<ServicePort, Held<ResilienceSpec, CircuitBreaker>> routed = routedBreakers();
    RouteCompiler routes =
        new RouteCompiler(
            mesh, policies, client.kind(), collector.diagnostics(), client.routeFilters());
    for (Service service : mesh.model().services().values()) {
      for (Port port : service.ports()) {
        ServicePort servicePort = new ServicePort(service.name(), port.port());
        String name = Names.outbound(servicePort);
        collector.put(
            clusters.outbound(
                servicePort,
                port.protocol(),
                policies,
                Optional.ofNullable(routed.get(servicePort))));
        collector.put(
            ResourceType.ENDPOINTS,
            name,
            EndpointCompiler.assignment(name, mesh.model().endpointsOf(servicePort)));
        if (port.protocol() != Port.Protocol.TCP) {
          collector.put(ResourceType.ROUTES, name, routes.outbound(service, servicePort));
        }
      }
    }
    collector.put(
        ResourceType.LISTENER,
        Names.OUTBOUND_LISTENER,
        new ListenerCompiler(
                mesh, client.kind(), new HttpConnectionManagers(client.kind(), client.accessLog()))
            .outbound());
    collector.put(clusters.passthrough());
    return collector.resources();
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
              if (!client.kind().takes(Extension.CIRCUIT_BREAKER)) {
                collector
                    .diagnostics()
                    .report(
                        "ResiliencePolicy " + held.policy().name(),
                        "circuitBreaker",
                        "left out: this client has no breaker for a route");
              }
            });
      }
    }
    return targets;
  }
}
