package dev.weir.control.snapshot;

import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.Scope;
import dev.weir.control.compile.Scope.Everything;
import dev.weir.control.compile.Slice;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePattern;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which services the sidecars of a service are told of: those that its annotation or the mesh's
 * configuration names, else its own namespace; those that its app has called; and all that routes
 * of these lead to. Who cannot ask for more is told of all, unless people said otherwise. Control
 * thread.
 */
final class Scopes {
  /** Destinations that the apps of a service call, at most; of more the oldest are forgotten. */
  static final int MOST_CALLED = 1024;

  private final Map<ObjectName, Called> called = new HashMap<>();
  private final Map<Asker, Scope> scopes = new HashMap<>();
  private final Map<Scope, Scope> shared = new HashMap<>();
  private MeshModel model = MeshModel.EMPTY;
  private Map<ObjectName, Slice> slices = Map.of();
  private Map<String, ObjectName> destinations = Map.of();

  /** By namespace, what routes of its services lead to elsewhere. */
  private final Map<String, SortedSet<ObjectName>> leadOut = new HashMap<>();

  /**
   * @param asks whether it can ask for services that it was not told of
   */
  private record Asker(ObjectName service, boolean asks) {}

  /**
   * What the apps of a service call, by the names of destinations, in the order in which they were
   * asked for first; whether a service is there may change.
   */
  private static final class Called {
    final Set<String> names = new LinkedHashSet<>();

    /** Returns whether it was not known. */
    boolean add(String name) {
      boolean more = names.add(name);
      if (names.size() > MOST_CALLED) {
        names.remove(names.iterator().next());
      }
      return more;
    }
  }

  /**
   * The mesh changed.
   *
   * @param destinations services by address and port, as in the names of Destinations
   * @param served services that have clients, who may still call if theirs is gone
   */
  void replace(
      MeshModel next,
      Map<ObjectName, Slice> nextSlices,
      Map<String, ObjectName> destinations,
      Set<ObjectName> served) {
    model = next;
    slices = nextSlices;
    this.destinations = destinations;
    scopes.clear();
    shared.clear();
    called
        .keySet()
        .removeIf(service -> !next.services().containsKey(service) && !served.contains(service));
    leadOut.clear();
    slices.forEach((name, slice) ->
        leadsTo(slice).stream()
            .filter(to -> !to.namespace().equals(name.namespace()))
            .forEach(
                to -> leadOut.computeIfAbsent(name.namespace(), key -> new TreeSet<>()).add(to)));
  }

  /**
   * The app of a service calls these destinations.
   *
   * @return whether its sidecars are told of more by that
   */
  boolean called(ObjectName service, Collection<String> names) {
    Called of = called.computeIfAbsent(service, key -> new Called());
    boolean more = false;
    for (String name : names) {
      more |= of.add(name) && destinations.containsKey(name);
    }
    if (more) {
      scopes.remove(new Asker(service, true));
      shared.keySet().retainAll(Set.copyOf(scopes.values()));
    }
    return more;
  }

  /** Nobody is there any more who would ask again. */
  void forget(ObjectName service) {
    called.remove(service);
    scopes.remove(new Asker(service, true));
  }

  /** What the apps of each service call, to be kept. */
  Map<ObjectName, List<String>> called() {
    Map<ObjectName, List<String>> all = new HashMap<>();
    called.forEach((service, of) -> all.put(service, List.copyOf(of.names)));
    return all;
  }

  Scope of(Proxy proxy) {
    boolean asks = proxy.kind().takes(Extension.ON_DEMAND);
    return scopes.computeIfAbsent(
        new Asker(proxy.service(), asks),
        asker -> {
          Scope scope = scope(asker);
          Scope same = shared.putIfAbsent(scope, scope);
          return same == null ? scope : same;
        });
  }

  private Scope scope(Asker asker) {
    ObjectName name = asker.service();
    Service service = model.services().get(name);
    List<ServicePattern> said =
        service == null || service.scope().isEmpty() ? model.config().told() : service.scope();
    if (said.stream().anyMatch(ServicePattern::isEverything) || said.isEmpty() && !asker.asks()) {
      return Everything.EVERYTHING;
    }
    SortedSet<String> namespaces = new TreeSet<>();
    Set<ObjectName> services = new LinkedHashSet<>();
    for (ServicePattern one : said.isEmpty() ? ServicePattern.OWN_NAMESPACE : said) {
      String namespace = one.namespaceFor(name.namespace());
      if (one.name().equals(ServicePattern.ANY)) {
        namespaces.add(namespace);
      } else {
        services.add(new ObjectName(namespace, one.name()));
      }
    }
    Called app = called.get(name);
    if (app != null && asker.asks()) {
      for (String destination : app.names) {
        ObjectName there = destinations.get(destination);
        if (there != null) {
          services.add(there);
        }
      }
    }
    services.add(name); // what its own routes lead to
    namespaces.forEach(
        one -> services.addAll(leadOut.getOrDefault(one, Collections.emptySortedSet())));
    return new Scope.Part(namespaces, withAllTheyLeadTo(services, namespaces));
  }

  private SortedSet<ObjectName> withAllTheyLeadTo(
      Collection<ObjectName> services, Set<String> namespaces) {
    SortedSet<ObjectName> all = new TreeSet<>();
    Deque<ObjectName> left = new ArrayDeque<>(services);
    while (!left.isEmpty()) {
      ObjectName name = left.pop();
      Slice slice = slices.get(name);
      if (slice != null && !namespaces.contains(name.namespace()) && all.add(name)) {
        left.addAll(leadsTo(slice));
      }
    }
    return all;
  }

  private static Set<ObjectName> leadsTo(Slice slice) {
    return slice.mesh().model().services().keySet();
  }
}
