package dev.weir.control.snapshot;

import dev.weir.control.compile.Scope;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Resources of one type that are of services, in layers: of all, of a namespace, or of one service.
 * Views are made of these, so that whoever may see a namespace shares a layer with all others who
 * may. A layer is made when it is first asked for. Control thread.
 */
final class Groups {
  private final Map<ObjectName, List<Versioned>> resources = new HashMap<>();
  private final Map<Group, Layer> layers = new HashMap<>();

  /** Whose resources come and go together. */
  sealed interface Group {}

  private enum All implements Group {
    ALL
  }

  private record Namespace(String name) implements Group {}

  private record One(ObjectName service) implements Group {}

  /** The groups that together are {@code scope}, without overlap. */
  static List<Group> of(Scope scope) {
    return switch (scope) {
      case Scope.Everything all -> List.of(All.ALL);
      case Scope.Part part ->
          Stream.<Group>concat(
                  part.namespaces().stream().map(Namespace::new),
                  part.services().stream().map(One::new))
              .toList();
    };
  }

  /**
   * Takes the resources that some services have now, all of each; none for one that is gone.
   *
   * @return whether any differ from before
   */
  boolean replace(Map<ObjectName, ? extends Collection<Versioned>> changed) {
    Map<Group, List<Versioned>> newsOf = new HashMap<>();
    Map<Group, Set<String>> goneOf = new HashMap<>();
    Set<Group> touched = new HashSet<>();
    changed.forEach((service, now) -> {
      List<Versioned> before = of(service);
      Map<String, Versioned> had = new HashMap<>();
      before.forEach(one -> had.put(one.name(), one));
      List<Versioned> kept = new ArrayList<>();
      List<Versioned> news = new ArrayList<>();
      for (Versioned one : now) {
        Versioned old = had.remove(one.name());
        if (old != null && old.version().equals(one.version())) {
          kept.add(old);
        } else {
          kept.add(one);
          news.add(one);
        }
      }
      if (kept.isEmpty()) {
        resources.remove(service);
      } else {
        resources.put(service, List.copyOf(kept));
      }
      if (!news.isEmpty() || !had.isEmpty()) {
        for (Group group : groupsOf(service)) {
          touched.add(group);
          newsOf.computeIfAbsent(group, key -> new ArrayList<>()).addAll(news);
          goneOf.computeIfAbsent(group, key -> new HashSet<>()).addAll(had.keySet());
        }
      }
    });
    for (Group group : touched) {
      layers.computeIfPresent(
          group,
          (key, layer) ->
              layer.with(
                  newsOf.getOrDefault(group, List.of()), goneOf.getOrDefault(group, Set.of())));
    }
    layers.values().removeIf(layer -> layer.all().isEmpty());
    return !touched.isEmpty();
  }

  private static List<Group> groupsOf(ObjectName service) {
    return List.of(All.ALL, new Namespace(service.namespace()), new One(service));
  }

  /** What the services of a group have. */
  Layer layer(Group group) {
    Layer known = layers.get(group);
    if (known != null) {
      return known;
    }
    Layer made =
        Layer.of(
            switch (group) {
              case One(ObjectName service) -> of(service);
              case All all -> resources.values().stream().flatMap(List::stream).toList();
              case Namespace(String name) ->
                  resources.entrySet().stream()
                      .filter(entry -> entry.getKey().namespace().equals(name))
                      .map(Map.Entry::getValue)
                      .flatMap(List::stream)
                      .toList();
            });
    if (!made.all().isEmpty()) {
      layers.put(group, made);
    }
    return made;
  }

  /** What a service has. */
  List<Versioned> of(ObjectName service) {
    return resources.getOrDefault(service, List.of());
  }
}
