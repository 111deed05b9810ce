package dev.weir.control.compile;

import dev.weir.control.model.ObjectName;
import java.util.Collection;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;

/** The services that a proxy is told of. */
public sealed interface Scope {
  boolean contains(ObjectName service);

  /** Whether one of these is among them. */
  default boolean containsAny(Collection<ObjectName> services) {
    for (ObjectName service : services) {
      if (contains(service)) {
        return true;
      }
    }
    return false;
  }

  /** All there are. */
  enum Everything implements Scope {
    EVERYTHING;

    @Override
    public boolean contains(ObjectName service) {
      return true;
    }
  }

  /**
   * Some of them.
   *
   * @param namespaces all services of these
   * @param services and these, of other namespaces
   */
  record Part(SortedSet<String> namespaces, SortedSet<ObjectName> services) implements Scope {
    public Part {
      namespaces = Collections.unmodifiableSortedSet(new TreeSet<>(namespaces));
      SortedSet<ObjectName> others = new TreeSet<>(services);
      Collection<String> whole = namespaces;
      others.removeIf(service -> whole.contains(service.namespace()));
      services = Collections.unmodifiableSortedSet(others);
    }

    @Override
    public boolean contains(ObjectName service) {
      return namespaces.contains(service.namespace()) || services.contains(service);
    }
  }
}
