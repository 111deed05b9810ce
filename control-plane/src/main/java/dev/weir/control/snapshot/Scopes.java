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
import org.jspecify.annotations.Nullable;

/**
 * Which services the sidecars of a service are told of: those that its annotation or the mesh's
 * configuration names, else its own namespace; those that its app has called; and all that routes
 * of these lead to. Who cannot ask for more is told of all, unless people said otherwise. Control
 * thread.
 */
final class Scopes {
  /** Addresses that the app of a service has called and that are no service's, at most. */
  static final int MOST_UNKNOWN = 256;

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

  /** What the app of a service has called. */
  private static final class Called {
    final SortedSet<ObjectName> services = new TreeSet<>();

    /** Names of destinations, in the order in which they were asked for. */
    final Set<String> unknown = new LinkedHashSet<>();

    /** Returns whether there are more services than before. */
    boolean add(String destination, @Nullable ObjectName service) {
      if (service != null) {
        unknown.remove(destination);
        return services.add(service);
      }
      if (unknown.add(destination) && unknown.size() > MOST_UNKNOWN) {
        unknown.remove(unknown.iterator().next());
      }
      return false;
    }
  }

  /**
   * The mesh changed.
   *
   * @param destinations services by address and port, as in the names of Destinations
   */
  void replace(
      MeshModel next, Map<ObjectName, Slice> nextSlices, Map<String, ObjectName> destinations) {
    model = next;
    slices = nextSlices;
    this.destinations = destinations;
    scopes.clear();
    shared.clear();
    leadOut.clear();
    slices.forEach((name, slice) ->
        leadsTo(slice).stream()
            .filter(to -> !to.namespace().equals(name.namespace()))
            .forEach(
                to -> leadOut.computeIfAbsent(name.namespace(), key -> new TreeSet<>()).add(to)));
    called.keySet().retainAll(next.services().keySet());
    called
        .values()
        .forEach(one -> {
          one.services.retainAll(next.services().keySet());
          List.copyOf(one.unknown)
              .forEach(destination -> one.add(destination, destinations.get(destination)));
        });
  }

  /**
   * The app of a service calls these destinations.
   *
   * @return whether its sidecars are told of more by that
   */
  boolean called(ObjectName service, Collection<String> names) {
    if (!model.services().containsKey(service)) {
      return false; // It may leave; nobody would ever forget what it called.
    }
    Called of = called.computeIfAbsent(service, key -> new Called());
    boolean more = false;
    for (String name : names) {
      more |= of.add(name, destinations.get(name));
    }
    if (more) {
      scopes.remove(new Asker(service, true));
    }
    return more;
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
      services.addAll(app.services);
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
