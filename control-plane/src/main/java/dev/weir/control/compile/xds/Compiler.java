package dev.weir.control.compile.xds;

import dev.weir.control.compile.Diagnostics;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.compile.Slice;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ServicePort;
import dev.weir.protos.service.discovery.v1alpha1.Destination;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.Collection;
import java.util.Map;
import java.util.Set;

/**
 * Makes the parts of proxies' resources. A part follows from its arguments alone, and whoever has
 * the same arguments gets the same part. Any thread.
 */
public final class Compiler {
  private Compiler() {}

  /** Calls to a service: all of it but the endpoints, and the chains are still to be joined. */
  public static OutboundPart outbound(Slice slice, ProxyKind kind) {
    return new OutboundCompiler(slice, kind).compile();
  }

  /**
   * The listener of what an app calls.
   *
   * @param chains of all that it may call, in this order
   */
  public static Listener outboundListener(
      ProxyKind kind,
      Telemetry telemetry,
      Elsewhere elsewhere,
      Collection<OutboundPart.Chain> chains) {
    return new ListenerCompiler(kind, new HttpConnectionManagers(kind, telemetry))
        .outbound(chains, elsewhere);
  }

  /** What is of no service goes on to where it was going. */
  public static XdsResources passthrough(ProxyKind kind) {
    ResourceCollector collector = new ResourceCollector();
    collector.put(new ClusterCompiler(kind, Mesh.EMPTY, new Diagnostics()).passthrough(), Set.of());
    return collector.resources();
  }

  /** What an app takes: listener, clusters and routes of the ports of its service. */
  public static XdsResources inbound(Slice slice, ProxyKind kind) {
    return new InboundCompiler(slice, kind).compile();
  }

  /** What is at the address of a port, for all proxies the same. */
  public static Destination destination(ServicePort port) {
    return Destination.newBuilder()
        .setService(port.service().toString())
        .setPort(port.port())
        .build();
  }

  /** The instances of a port, for proxies of no zone that is known. */
  public static ClusterLoadAssignment endpoints(ServicePort port, Collection<Endpoint> endpoints) {
    return EndpointCompiler.assignment(Names.outbound(port), endpoints);
  }

  /**
   * The instances of a port for proxies in each of some zones: those in its zone first. Of a zone
   * that is not among them they are {@link #endpoints}.
   */
  public static Map<String, ClusterLoadAssignment> endpointsByZone(
      ServicePort port, Collection<Endpoint> endpoints) {
    return EndpointCompiler.byZone(Names.outbound(port), endpoints);
  }
}
