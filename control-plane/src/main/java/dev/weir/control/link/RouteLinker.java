package dev.weir.control.link;

import dev.weir.control.link.RouteReferences.Backend;
import dev.weir.control.model.Port;
import dev.weir.control.model.Route;
import dev.weir.control.model.RouteFilters;
import dev.weir.control.model.ServicePort;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Binds routes of requests to ports, and leads them to what there is. */
final class RouteLinker {
  /** On ports of which nobody says what they are some of it is HTTP. */
  private static final Set<Port.Protocol> REQUESTS =
      Set.of(Port.Protocol.HTTP, Port.Protocol.HTTP2, Port.Protocol.AUTO);

  private final RouteReferences references;

  RouteLinker(RouteReferences references) {
    this.references = references;
  }

  /** Empty: it is bound to nothing. */
  Optional<Route> route(Resource.OfRoute of) {
    SortedSet<ServicePort> parents = new TreeSet<>();
    of.parents()
        .forEach(ref ->
            parents.addAll(
                references.parent(
                    of.manifest(),
                    ref,
                    REQUESTS,
                    "what comes to %s passes as bytes, for which there are TCPRoute and TLSRoute;"
                        + " what is spoken on a port is said by its appProtocol")));
    List<Route.Rule> rules = new ArrayList<>();
    for (int i = 0; i < of.route().rules().size(); i++) {
      Route.Rule rule = of.route().rules().get(i);
      rules.add(
          rule.with(backends(of, i, rule.backends()), mirrors(of, i, rule.filters().mirrors())));
    }
    return parents.isEmpty()
        ? Optional.empty()
        : Optional.of(of.route().boundTo(parents).with(rules));
  }

  /** One of several that does not exist, or may not be one, keeps its share, answered 500. */
  private List<Route.Backend> backends(Resource.OfRoute of, int rule, List<Route.Backend> written) {
    List<Route.Backend> backends = new ArrayList<>();
    boolean any = false;
    for (int i = 0; i < written.size(); i++) {
      Route.Backend backend = written.get(i);
      Backend found =
          references.backend(
              of.manifest(),
              of.parents(),
              backend.target(),
              "spec",
              "rules",
              rule,
              "backendRefs",
              i);
      any |= found == Backend.RIGHT;
      backends.add(found == Backend.REFUSED ? backend.nowhere() : backend);
    }
    return any ? backends : List.of();
  }

  /** One that does not exist gets nothing, as Gateway API has it; the request goes its way. */
  private List<RouteFilters.Mirror> mirrors(
      Resource.OfRoute of, int rule, List<RouteFilters.Mirror> written) {
    Manifest manifest = of.manifest();
    List<RouteFilters.Mirror> mirrors = new ArrayList<>();
    int filter = -1;
    for (RouteFilters.Mirror mirror : written) {
      do {
        filter++;
      } while (!manifest.has("spec", "rules", rule, "filters", filter, "requestMirror"));
      Object[] steps = {"spec", "rules", rule, "filters", filter, "requestMirror", "backendRef"};
      if (references.mirror(manifest, of.parents(), mirror.target(), steps)) {
        mirrors.add(mirror);
      }
    }
    return mirrors;
  }
}
