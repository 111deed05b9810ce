package dev.weir.control.compile.xds;

import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.StreamRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where connections to a port go whose bytes pass as they are: by Gateway API's routes, or to the
 * service itself.
 */
final class StreamCompiler {
  private final MeshModel model;
  private final ProxyKind kind;

  StreamCompiler(MeshModel model, ProxyKind kind) {
    this.model = model;
    this.kind = kind;
  }

  /**
   * Whether bytes go by a cluster of their own: for the callee's sidecar to be told, or because TLS
   * is spoken for requests alone.
   */
  boolean hasBytesApart(Service service, Port port) {
    return port.protocol() == Port.Protocol.AUTO
        && (service.external().isPresent()
            ? model.backendTls(new ServicePort(service.name(), port.port())).isPresent()
            : kind.takes(Extension.WORKLOAD_IDENTITY));
  }

  /** Whether connections to a port may have to be closed. */
  boolean closes(ServicePort port) {
    return model.streams().stream().anyMatch(route -> route.parents().contains(port));
  }

  /** Those that callers of a namespace go by: its own, else those of the service's. */
  List<StreamRoute> routes(ServicePort port, String namespace) {
    List<StreamRoute> own = model.streamsOf(port, namespace);
    return own.isEmpty() ? model.streamsOf(port, port.service().namespace()) : own;
  }

  /** For callers of a namespace. */
  Streams streams(Service service, Port port, String namespace) {
    ServicePort servicePort = new ServicePort(service.name(), port.port());
    List<Streams.Named> named = new ArrayList<>();
    Optional<List<Streams.Share>> others = Optional.empty();
    for (StreamRoute route : routes(servicePort, namespace)) {
      List<Streams.Share> shares = shares(route, servicePort);
      switch (route.kind()) {
        case TCP -> others = Optional.of(shares);
        case TLS -> named.add(new Streams.Named(List.copyOf(route.hostnames()), shares));
      }
    }
    String own = cluster(service, port);
    List<Streams.Share> plain = others.orElseGet(() -> List.of(new Streams.Share(own, 1)));
    return new Streams(
        own,
        plain,
        named,
        others.orElseGet(() -> named.isEmpty() ? plain : List.of(closed(servicePort, 1))));
  }

  private List<Streams.Share> shares(StreamRoute route, ServicePort parent) {
    List<Streams.Share> shares =
        route.backends().stream()
            .filter(backend -> backend.weight() > 0)
            .map(backend -> share(backend, parent))
            .toList();
    return shares.isEmpty() ? List.of(closed(parent, 1)) : shares;
  }

  private Streams.Share share(StreamRoute.Backend backend, ServicePort parent) {
    Service service = model.services().get(backend.target().service());
    Optional<Port> port =
        Optional.ofNullable(service).flatMap(known -> known.port(backend.target().port()));
    return service == null || port.isEmpty()
        ? closed(parent, backend.weight())
        : new Streams.Share(cluster(service, port.get()), backend.weight());
  }

  private String cluster(Service service, Port port) {
    ServicePort servicePort = new ServicePort(service.name(), port.port());
    return hasBytesApart(service, port)
        ? Names.outboundBytes(servicePort)
        : Names.outbound(servicePort);
  }

  private static Streams.Share closed(ServicePort parent, int weight) {
    return new Streams.Share(Names.outboundNowhere(parent), weight);
  }
}
