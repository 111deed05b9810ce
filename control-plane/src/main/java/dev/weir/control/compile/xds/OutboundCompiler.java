package dev.weir.control.compile.xds;

import dev.weir.control.compile.Diagnostics;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.Slice;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.Policies;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Calls to a service: a cluster, a chain and routes for each of its ports. */
final class OutboundCompiler {
  private final Slice slice;
  private final ProxyKind kind;
  private final Policies policies;
  private final ResourceCollector collector = new ResourceCollector();
  private final SortedMap<String, ResourceCollector> consumers = new TreeMap<>();

  OutboundCompiler(Slice slice, ProxyKind kind) {
    this.slice = slice;
    this.kind = kind;
    this.policies = new Policies(slice.mesh().model());
  }

  OutboundPart compile() {
    Diagnostics diagnostics = collector.diagnostics();
    ClusterCompiler clusters = new ClusterCompiler(kind, slice.mesh(), diagnostics);
    RouteCompiler routes = routes(diagnostics);
    Service service = slice.service();
    List<OutboundPart.Chain> chains = new ArrayList<>();
    for (Port port : service.ports()) {
      ServicePort servicePort = new ServicePort(service.name(), port.port());
      Optional<Endpoint> external =
          service.external().map(leads -> new Endpoint(leads.name(), port.targetPort()));
      collector.put(
          clusters.outbound(
              servicePort,
              port.protocol(),
              false,
              external,
              policies,
              Optional.ofNullable(slice.routedBreakers().get(servicePort))),
          origins());
      boolean told =
          port.protocol() == Port.Protocol.AUTO
              && external.isEmpty()
              && clusters.speaksMutualTls(servicePort, policies);
      if (told) {
        collector.put(
            clusters.outbound(
                servicePort, port.protocol(), true, external, policies, Optional.empty()),
            origins());
      }
      if (port.protocol() != Port.Protocol.TCP) {
        collector.put(
            ResourceType.ROUTES,
            Names.outbound(servicePort),
            routes.outbound(service, servicePort, service.name().namespace()),
            origins());
        consumers(servicePort);
        if (kind.proxyless()) {
          Names.targets(servicePort)
              .forEach(target ->
                  collector.put(
                      ResourceType.LISTENER,
                      target,
                      ListenerCompiler.ofLibrary(target, Names.outbound(servicePort)),
                      origins()));
        }
      }
      chains.add(
          new OutboundPart.Chain(
              servicePort,
              slice.mesh().addressOf(service),
              port.protocol(),
              slice.mesh().model().routesByPath(servicePort, service.name().namespace()),
              service.headless(),
              told));
    }
    reportRoutedBreakers();
    SortedMap<String, OutboundPart.Consumer> ofConsumers = new TreeMap<>();
    consumers.forEach((namespace, own) ->
        ofConsumers.put(
            namespace, new OutboundPart.Consumer(own.resources(), chainsOf(namespace, chains))));
    return new OutboundPart(collector.resources(), chains, ofConsumers);
  }

  private RouteCompiler routes(Diagnostics diagnostics) {
    return new RouteCompiler(slice.mesh(), policies, kind, diagnostics, Map.of());
  }

  /** Routes that namespaces have of their own for calls to a port of another's. */
  private void consumers(ServicePort port) {
    for (String namespace : slice.mesh().model().consumersOf(port)) {
      ResourceCollector own = consumers.computeIfAbsent(namespace, key -> new ResourceCollector());
      own.put(
          ResourceType.ROUTES,
          Names.outbound(port),
          routes(own.diagnostics()).outbound(slice.service(), port, namespace),
          origins());
    }
  }

  private List<OutboundPart.Chain> chainsOf(String namespace, List<OutboundPart.Chain> chains) {
    MeshModel model = slice.mesh().model();
    return chains.stream()
        .map(chain ->
            model.routesOf(chain.port(), namespace).isEmpty()
                ? chain
                : chain.comparing(model.routesByPath(chain.port(), namespace)))
        .toList();
  }

  /** Of what was just made. */
  private Set<String> origins() {
    policies.use("Service", slice.service().name());
    return policies.takeUsed();
  }

  private void reportRoutedBreakers() {
    if (!kind.takes(Extension.CIRCUIT_BREAKER)) {
      slice
          .routedBreakers()
          .values()
          .forEach(held ->
              collector
                  .diagnostics()
                  .report(
                      "ResiliencePolicy " + held.policy().name(),
                      "circuitBreaker",
                      "left out: this client has no breaker for a route"));
    }
  }
}
