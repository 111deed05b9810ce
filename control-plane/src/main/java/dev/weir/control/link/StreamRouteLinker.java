package dev.weir.control.link;

import dev.weir.control.link.RouteReferences.Backend;
import dev.weir.control.model.Port;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.StreamRoute;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Resource;
import dev.weir.control.source.resource.Resource.ParentRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Binds routes of connections to ports, and leads them to what there is. Of two that say where the
 * same connections go, the older one holds, as Gateway API has it.
 */
final class StreamRouteLinker {
  /** On ports of which nobody says what they are some of it is no HTTP. */
  private static final Set<Port.Protocol> BYTES = Set.of(Port.Protocol.TCP, Port.Protocol.AUTO);

  private final RouteReferences references;
  private final Map<Claim, StreamRoute> claims = new HashMap<>();

  /**
   * What one route alone may have.
   *
   * @param namespace whose routes these are
   * @param hostname of a TLSRoute; empty: of a TCPRoute
   */
  private record Claim(String namespace, ServicePort port, String hostname) {}

  StreamRouteLinker(RouteReferences references) {
    this.references = references;
  }

  /** Those that are bound to something. */
  List<StreamRoute> routes(List<Resource.OfStreamRoute> written) {
    List<StreamRoute> routes = new ArrayList<>();
    written.stream()
        .sorted(Comparator.comparing(Resource.OfStreamRoute::route, StreamRoute.ORDER))
        .forEach(of -> routes.addAll(route(of)));
    return routes;
  }

  /** A part for each set of hostnames that it has on some of its ports. */
  private List<StreamRoute> route(Resource.OfStreamRoute of) {
    StreamRoute route = of.route().with(backends(of));
    Map<SortedSet<String>, SortedSet<ServicePort>> bound = new HashMap<>();
    for (ParentRef ref : of.parents()) {
      for (ServicePort port :
          references.parent(
              of.manifest(),
              ref,
              BYTES,
              "what comes to %s passes as requests, for which there are HTTPRoute and GRPCRoute;"
                  + " what is spoken on a port is said by its appProtocol")) {
        names(of, ref.index(), port)
            .ifPresent(names -> bound.computeIfAbsent(names, key -> new TreeSet<>()).add(port));
      }
    }
    return bound.entrySet().stream()
        .map(entry -> route.boundTo(entry.getValue(), entry.getKey()))
        .sorted(Comparator.comparing((StreamRoute part) -> part.parents().first()))
        .toList();
  }

  /** The hostnames that no older route has on that port; empty: there is nothing left for it. */
  private Optional<SortedSet<String>> names(
      Resource.OfStreamRoute of, int parent, ServicePort port) {
    StreamRoute route = of.route();
    Manifest manifest = of.manifest();
    String namespace = route.name().namespace();
    if (route.kind() == StreamRoute.Kind.TCP) {
      StreamRoute other = claims.putIfAbsent(new Claim(namespace, port, ""), route);
      if (other == null || other.equals(route)) {
        return Optional.of(new TreeSet<>());
      }
      references.report(
          manifest,
          "%s already has %s %s, which is older or before it by name; a port has one"
              .formatted(port, other.kind(), other.name()),
          "spec",
          "parentRefs",
          parent);
      return Optional.empty();
    }
    SortedSet<String> free = new TreeSet<>();
    for (String hostname : route.hostnames()) {
      StreamRoute other = claims.putIfAbsent(new Claim(namespace, port, hostname), route);
      if (other == null || other.equals(route)) {
        free.add(hostname);
      } else {
        references.report(
            manifest,
            "%s on %s already goes by %s %s, which is older or before it by name"
                .formatted(hostname, port, other.kind(), other.name()),
            "spec",
            "parentRefs",
            parent);
      }
    }
    return free.isEmpty() ? Optional.empty() : Optional.of(free);
  }

  /** One that does not exist, or may not be one, keeps its share, which is closed. */
  private List<StreamRoute.Backend> backends(Resource.OfStreamRoute of) {
    List<StreamRoute.Backend> backends = new ArrayList<>();
    for (int i = 0; i < of.route().backends().size(); i++) {
      StreamRoute.Backend backend = of.route().backends().get(i);
      Object[] steps = {"spec", "rules", 0, "backendRefs", i};
      boolean right =
          references.backend(of.manifest(), of.parents(), backend.target(), steps) == Backend.RIGHT;
      if (right && !references.passes(backend.target(), BYTES)) {
        references.report(
            of.manifest(),
            ("what comes to %s passes as requests, and a connection can go to a port of bytes"
                    + " alone; what is spoken on a port is said by its appProtocol")
                .formatted(backend.target()),
            RouteReferences.with(steps, "port"));
        right = false;
      }
      backends.add(right ? backend : backend.nowhere());
    }
    return backends;
  }
}
