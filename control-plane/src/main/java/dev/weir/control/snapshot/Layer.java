package dev.weir.control.snapshot;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Resources of one type that come and go together, shared by all views that have them. Immutable.
 * Control thread.
 */
final class Layer {
  static final Layer EMPTY = new Layer(Map.of(), 0);

  /** So many ways to come here are kept; who comes by another pays for it by itself. */
  private static final int MOST_KEPT = 4;

  private final Map<String, Versioned> byName;
  private final long hash;
  private final Since<Layer, Changes> since = new Since<>(MOST_KEPT);

  /** Looked for when somebody asks. */
  private volatile @Nullable Set<String> origins;

  /** What is here and was not, or in another version; and what was and is not here. */
  record Changes(List<Versioned> changed, List<Versioned> gone) {}

  private Layer(Map<String, Versioned> byName, long hash) {
    this.byName = byName;
    this.hash = hash;
  }

  static Layer of(Collection<Versioned> resources) {
    return EMPTY.with(resources, List.of());
  }

  /** The same with these in place of those of their names, and without {@code gone}. */
  Layer with(Collection<Versioned> changed, Collection<String> gone) {
    if (changed.isEmpty() && gone.isEmpty()) {
      return this;
    }
    Map<String, Versioned> next = new HashMap<>(byName);
    long nextHash = hash;
    for (String name : gone) {
      Versioned old = next.remove(name);
      nextHash ^= old == null ? 0 : old.hash();
    }
    for (Versioned resource : changed) {
      Versioned old = next.put(resource.name(), resource);
      nextHash ^= resource.hash() ^ (old == null ? 0 : old.hash());
    }
    return new Layer(next, nextHash);
  }

  @Nullable Versioned get(String name) {
    return byName.get(name);
  }

  Collection<Versioned> all() {
    return Collections.unmodifiableCollection(byName.values());
  }

  /** What people wrote and these follow from. Any thread. */
  Set<String> origins() {
    Set<String> known = origins;
    if (known == null) {
      Set<String> all = new HashSet<>();
      byName.values().forEach(resource -> all.addAll(resource.origins()));
      known = Set.copyOf(all);
      origins = known;
    }
    return known;
  }

  /** Of all names and versions, whatever their order. */
  long hash() {
    return hash;
  }

  /** Looked for once for all who come from {@code before}. */
  Changes since(Layer before) {
    return since.from(before, this::changes);
  }

  private Changes changes(Layer before) {
    List<Versioned> changed = new ArrayList<>();
    byName.forEach((name, resource) -> {
      Versioned old = before.byName.get(name);
      if (old != resource && (old == null || !old.version().equals(resource.version()))) {
        changed.add(resource);
      }
    });
    List<Versioned> gone = new ArrayList<>();
    before.byName.forEach((name, resource) -> {
      if (!byName.containsKey(name)) {
        gone.add(resource);
      }
    });
    return new Changes(List.copyOf(changed), List.copyOf(gone));
  }
}
