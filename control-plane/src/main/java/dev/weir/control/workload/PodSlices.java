package dev.weir.control.workload;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.PodSlice;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The slices of a cluster, by the services whose they are and by address. Control thread. */
final class PodSlices {
  private final Map<ObjectName, PodSlice> slices = new HashMap<>();
  private final Map<ObjectName, SortedSet<ObjectName>> slicesOf = new HashMap<>();
  private final Map<String, SortedSet<ObjectName>> servicesAt = new HashMap<>();

  /** Returns the service whose a slice of this name was before. */
  @Nullable ObjectName put(PodSlice slice) {
    ObjectName before = remove(slice.name());
    slices.put(slice.name(), slice);
    slicesOf.computeIfAbsent(slice.service(), key -> new TreeSet<>()).add(slice.name());
    for (String address : slice.addresses()) {
      servicesAt.computeIfAbsent(address, key -> new TreeSet<>()).add(slice.service());
    }
    return before;
  }

  /** Returns the service whose it was; null: there was none of this name. */
  @Nullable ObjectName remove(ObjectName name) {
    PodSlice before = slices.remove(name);
    if (before == null) {
      return null;
    }
    ObjectName service = before.service();
    without(slicesOf, service, name);
    Set<String> left = new HashSet<>();
    of(service).forEach(slice -> left.addAll(slice.addresses()));
    for (String address : before.addresses()) {
      if (!left.contains(address)) {
        without(servicesAt, address, service);
      }
    }
    return service;
  }

  /** Whether a service has any. */
  boolean has(ObjectName service) {
    return slicesOf.containsKey(service);
  }

  /** In the order of their names. */
  List<PodSlice> of(ObjectName service) {
    return slicesOf.getOrDefault(service, Collections.emptySortedSet()).stream()
        .map(name -> Objects.requireNonNull(slices.get(name)))
        .toList();
  }

  /** The services that have an instance at an address, ready or not. */
  Set<ObjectName> servicesAt(String address) {
    return servicesAt.getOrDefault(address, Collections.emptySortedSet());
  }

  /** Takes {@code value} from those of {@code key}; who has none any more is no key. */
  static <K, V> void without(Map<K, SortedSet<V>> map, K key, V value) {
    map.computeIfPresent(
        key,
        (same, all) -> {
          all.remove(value);
          return all.isEmpty() ? null : all;
        });
  }
}
