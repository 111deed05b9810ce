package dev.weir.control.workload;

import dev.weir.control.model.ObjectName;
import dev.weir.control.workload.Pods.Bare;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The ready instances without a sidecar, by service. Who asks gets a picture, which is the one
 * before but for the services that were touched since. Control thread; a picture does not change.
 */
final class BareInstances {
  private static final int MOST_NAMED = 5;

  private final PodSlices slices;
  private final Sidecars sidecars;
  private final Set<ObjectName> touched = new HashSet<>();
  private SortedMap<ObjectName, Bare> picture = Collections.emptySortedMap();

  BareInstances(PodSlices slices, Sidecars sidecars) {
    this.slices = slices;
    this.sidecars = sidecars;
  }

  /** The slices of a service are other ones. */
  void touch(ObjectName service) {
    if (slices.has(service) || picture.containsKey(service)) {
      touched.add(service);
    } else {
      touched.remove(service); // else those that come and go pile up where nobody asks
    }
  }

  /** The pod at an address is another one. */
  void touchAt(String address) {
    touched.addAll(slices.servicesAt(address));
  }

  /** By the services that have such. */
  SortedMap<ObjectName, Bare> picture() {
    if (!touched.isEmpty()) {
      SortedMap<ObjectName, Bare> next = new TreeMap<>(picture);
      for (ObjectName service : touched) {
        next.remove(service);
        of(service).ifPresent(bare -> next.put(service, bare));
      }
      touched.clear();
      picture = Collections.unmodifiableSortedMap(next);
    }
    return picture;
  }

  private Optional<Bare> of(ObjectName service) {
    SortedSet<String> ready = new TreeSet<>();
    slices.of(service).forEach(slice -> ready.addAll(slice.ready()));
    List<String> without = ready.stream().filter(address -> !sidecars.isMeshed(address)).toList();
    return without.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Bare(
                without.size(),
                ready.size(),
                without.stream().limit(MOST_NAMED).map(this::named).toList()));
  }

  private String named(String address) {
    ObjectName pod = sidecars.bareAt(address);
    return pod == null ? address : pod.name();
  }
}
