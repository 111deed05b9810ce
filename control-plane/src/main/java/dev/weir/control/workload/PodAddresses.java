package dev.weir.control.workload;

import dev.weir.control.model.ObjectName;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Pods of one kind by address, one at each, and the namespaces that have such. Control thread. */
final class PodAddresses {
  private final Map<String, ObjectName> pods = new HashMap<>();

  /** How many pods each has. */
  private final Map<String, Integer> counts = new TreeMap<>();

  private SortedSet<String> namespaces = Collections.emptySortedSet();

  /** The address is this pod's now, whoever had it. */
  void put(String address, ObjectName pod) {
    ObjectName before = pods.put(address, pod);
    if (!pod.equals(before)) {
      count(pod, 1);
      if (before != null) {
        count(before, -1);
      }
    }
  }

  /** Unless the address is another pod's by now. */
  void remove(String address, ObjectName pod) {
    if (pods.remove(address, pod)) {
      count(pod, -1);
    }
  }

  private void count(ObjectName pod, int more) {
    counts.merge(pod.namespace(), more, (one, other) -> one + other == 0 ? null : one + other);
    if (counts.size() != namespaces.size()) {
      namespaces = Collections.unmodifiableSortedSet(new TreeSet<>(counts.keySet()));
    }
  }

  @Nullable ObjectName at(String address) {
    return pods.get(address);
  }

  boolean has(String address) {
    return pods.containsKey(address);
  }

  /** Those that have such pods; what is given out does not change. */
  SortedSet<String> namespaces() {
    return namespaces;
  }
}
