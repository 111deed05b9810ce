package dev.weir.control.compile.xds;

import dev.weir.control.compile.Diagnostics;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.Slice;
import dev.weir.control.model.BackendTls;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.Policies;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Calls to a service: a cluster, a chain and routes for each of its ports. */
final class OutboundCompiler {
  private final Slice slice;
  private final ProxyKind kind;
  private final MeshModel model;
  private final Policies policies;
  private final StreamCompiler streams;
  private final ResourceCollector collector = new ResourceCollector();

  OutboundCompiler(Slice slice, ProxyKind kind) {
    this.slice = slice;
    this.kind = kind;
    this.model = slice.mesh().model();
    this.policies = new Policies(model);
    this.streams = new StreamCompiler(model, kind);
  }

  OutboundPart compile() {
    Service service = slice.service();
    ClusterCompiler clusters = new ClusterCompiler(kind, slice.mesh(), collector.diagnostics());
    RouteCompiler routes = routes(collector.diagnostics());
    for (Port port : service.ports()) {
      ServicePort servicePort = new ServicePort(service.name(), port.port());
      clusters(clusters, servicePort, port);
      if (port.protocol() != Port.Protocol.TCP) {
        collector.put(
            ResourceType.ROUTES,
            Names.outbound(servicePort),
            routes.outbound(service, servicePort, service.name().namespace()),
            origins());
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
    }
    reportRoutedBreakers();
    return new OutboundPart(collector.resources(), chains(service.name().namespace()), consumers());
  }

  private void clusters(ClusterCompiler clusters, ServicePort servicePort, Port port) {
    Service service = slice.service();
    Optional<BackendTls> tls = model.backendTls(servicePort);
    if (kind.proxyless() && tls.isPresent()) {
      // Given certificates by its own bootstrap, and no others; in plain text it must not call.
      collector
          .diagnostics()
          .report(
              "BackendTLSPolicy " + tls.get().policy(),
              "validation",
              "calls fail: a gRPC library takes no certificates by xDS");
      return;
    }
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
    if (streams.hasBytesApart(service, port)) {
      collector.put(
          clusters.outbound(
              servicePort, port.protocol(), true, external, policies, Optional.empty()),
          origins());
    }
    if (streams.closes(servicePort)) {
      collector.put(clusters.nowhere(Names.outboundNowhere(servicePort)), origins());
    }
  }

  private RouteCompiler routes(Diagnostics diagnostics) {
    return new RouteCompiler(slice.mesh(), policies, kind, diagnostics, Map.of());
  }

  /** One for each port, for the callers of a namespace. */
  private List<OutboundPart.Chain> chains(String namespace) {
    Service service = slice.service();
    return service.ports().stream()
        .map(port -> {
          ServicePort servicePort = new ServicePort(service.name(), port.port());
          String routed =
              model.routesOf(servicePort, namespace).isEmpty()
                  ? service.name().namespace()
                  : namespace;
          return new OutboundPart.Chain(
              servicePort,
              slice.mesh().addressOf(service),
              port.protocol(),
              model.routesByPath(servicePort, routed),
              service.headless(),
              streams.streams(service, port, namespace),
              streams.routes(servicePort, namespace).stream()
                  .map(route -> route.kind() + " " + route.name())
                  .collect(Collectors.toSet()));
        })
        .toList();
  }

  /** What namespaces have that have routes of their own for calls to this service of another. */
  private SortedMap<String, OutboundPart.Consumer> consumers() {
    SortedSet<String> namespaces = new TreeSet<>();
    for (Port port : slice.service().ports()) {
      ServicePort servicePort = new ServicePort(slice.service().name(), port.port());
      namespaces.addAll(model.consumersOf(servicePort));
      namespaces.addAll(model.streamConsumersOf(servicePort));
    }
    SortedMap<String, OutboundPart.Consumer> consumers = new TreeMap<>();
    for (String namespace : namespaces) {
      ResourceCollector own = new ResourceCollector();
      for (Port port : slice.service().ports()) {
        ServicePort servicePort = new ServicePort(slice.service().name(), port.port());
        if (port.protocol() != Port.Protocol.TCP
            && !model.routesOf(servicePort, namespace).isEmpty()) {
          own.put(
              ResourceType.ROUTES,
              Names.outbound(servicePort),
              routes(own.diagnostics()).outbound(slice.service(), servicePort, namespace),
              origins());
        }
      }
      consumers.put(namespace, new OutboundPart.Consumer(own.resources(), chains(namespace)));
    }
    return consumers;
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
