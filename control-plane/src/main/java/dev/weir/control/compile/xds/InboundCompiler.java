package dev.weir.control.compile.xds;

import com.google.protobuf.Any;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.xds.OutboundCompiler.Client;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.Policies.LimitOf;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What an app takes: the calls to the ports of its service, within what protects it. */
final class InboundCompiler {
  private final Mesh mesh;
  private final Policies policies;
  private final Client client;
  private final Service own;
  private final ResourceCollector collector = new ResourceCollector();
  private final ClusterCompiler clusters;

  InboundCompiler(Mesh mesh, Policies policies, Client client, Service own) {
    this.mesh = mesh;
    this.policies = policies;
    this.client = client;
    this.own = own;
    this.clusters = new ClusterCompiler(client.kind(), collector.diagnostics());
  }

  XdsResources compile() {
    SortedMap<ServicePort, Port> ports = ports();
    ports.forEach(this::inbound);
    collector.put(
        ResourceType.LISTENER,
        Names.INBOUND_LISTENER,
        new ListenerCompiler(
                mesh, client.kind(), new HttpConnectionManagers(client.kind(), client.accessLog()))
            .inbound(ports, policies::protectsByPath));
    collector.put(clusters.inboundPassthrough());
    return collector.resources();
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
    collector.put(clusters.inbound(port, target, policies));
    if (target.protocol() == Port.Protocol.TCP) {
      return;
    }
    Map<String, Any> filters = new TreeMap<>(client.routeFilters());
    List<LimitOf> limits = policies.limits(port);
    if (!limits.isEmpty()) {
      if (client.kind().takes(Extension.RATE_LIMIT)) {
        filters.put(Extension.RATE_LIMIT.key(), Protos.any(RateLimitCompiler.limits(limits)));
      } else {
        RateLimitCompiler.nearest(limits, collector.diagnostics())
            .ifPresent(limit -> filters.put(RateLimitCompiler.STANDARD_FILTER, Protos.any(limit)));
      }
    }
    if (client.kind().takes(Extension.BULKHEAD)) {
      policies
          .concurrency(port)
          .map(held -> Protos.any(BulkheadCompiler.bulkhead(port, held)))
          .ifPresent(bulkhead -> filters.put(Extension.BULKHEAD.key(), bulkhead));
    }
    collector.put(
        ResourceType.ROUTES,
        Names.inbound(port),
        new RouteCompiler(mesh, policies, client.kind(), collector.diagnostics(), filters)
            .inbound(own, port));
  }
}
