package dev.weir.control.workload;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Workload;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which instances there are, by service and address. The stream that reported last owns an entry; a
 * stream that ends takes only what it owns with it, and only after a grace, in which its sidecar
 * may come back by another. When most of them ended at once it is the way to this control plane
 * that broke and not the instances: then all have as long as after a start. What an event costs
 * does not follow from how many instances there are. Control thread.
 *
 * <p>Instances that an earlier start knew are there until they had the time to come back; then
 * those that did not are gone, but not the last ones of a service: that nobody of it spoke yet says
 * nothing about them.
 */
public final class WorkloadRegistry {
  /** Of fewer instances most may well end by themselves at once. */
  private static final int MANY = 4;

  /** Owns what is known from an earlier start. */
  private static final long NOBODY = -1;

  private final Map<ObjectName, SortedMap<String, Entry>> byService = new HashMap<>();
  private final Map<Long, Entry> byStream = new HashMap<>();

  /** Streams that ended, of those that own an entry. */
  private final Set<Long> ended = new HashSet<>();

  /** Services with an instance of an earlier start that did not come back yet. */
  private final Set<ObjectName> unconfirmed = new HashSet<>();

  /** Services of which some instance has spoken, ready or not. */
  private final Set<ObjectName> heardOf = new HashSet<>();

  private final Consumer<Runnable> afterGrace;
  private final Consumer<Runnable> afterWarmUp;
  private final Consumer<ObjectName> changed;
  private boolean warm;

  /**
   * @param afterGrace runs a task on the control thread when the grace of an ended stream is over
   * @param afterWarmUp the same, when all had the time to come back
   * @param changed is told the service whose ready instances are other ones
   */
  public WorkloadRegistry(
      Consumer<Runnable> afterGrace, Consumer<Runnable> afterWarmUp, Consumer<ObjectName> changed) {
    this.afterGrace = afterGrace;
    this.afterWarmUp = afterWarmUp;
    this.changed = changed;
  }

  private record Entry(long stream, Workload workload) {}

  /** Begins with what an earlier start knew; nobody is told. */
  public void restore(Collection<Workload> known) {
    for (Workload workload : known) {
      put(new Entry(NOBODY, workload));
      unconfirmed.add(workload.service());
    }
  }

  /**
   * An instance is there, and has not said yet what it accepts on: what an earlier start knew of it
   * holds until it does.
   */
  public void present(long stream, ObjectName service, String address) {
    SortedMap<String, Entry> entries = byService.get(service);
    Entry known = entries == null ? null : entries.get(address);
    if (known != null && known.stream == NOBODY) {
      put(new Entry(stream, known.workload));
    }
  }

  /** An instance accepts on {@code readyPorts}; none: it is not ready, or drains. */
  public void report(long stream, Workload workload) {
    Entry before = put(new Entry(stream, workload));
    boolean first = heardOf.add(workload.service());
    if (first && warm && unconfirmed.contains(workload.service())) {
      afterWarmUp.accept(() -> giveUp(workload.service()));
    }
    if (before == null
        ? !workload.readyPorts().isEmpty()
        : !before.workload.readyPorts().equals(workload.readyPorts())) {
      changed.accept(workload.service());
    } else if (first) {
      changed.accept(workload.service()); // That it has none is known only now.
    }
  }

  private @Nullable Entry put(Entry entry) {
    Workload workload = entry.workload;
    Entry before =
        byService
            .computeIfAbsent(workload.service(), service -> new TreeMap<>())
            .put(workload.address(), entry);
    if (before != null) {
      byStream.remove(before.stream);
      ended.remove(before.stream);
    }
    if (entry.stream != NOBODY) {
      byStream.put(entry.stream, entry);
    }
    return before;
  }

  /** All had the time to come back. */
  public void warmedUp() {
    warm = true;
    for (ObjectName service : List.copyOf(unconfirmed)) {
      if (heardOf.contains(service)) {
        giveUp(service);
      }
    }
  }

  /** Of a service whose other instances are back. */
  private void giveUp(ObjectName service) {
    SortedMap<String, Entry> entries = byService.get(service);
    if (entries != null && entries.values().removeIf(entry -> entry.stream == NOBODY)) {
      changed.accept(service);
    }
    unconfirmed.remove(service);
  }

  /** Whether any instance of a service has spoken since this began. */
  public boolean heardOf(ObjectName service) {
    return heardOf.contains(service);
  }

  /** The stream ended; what it reported holds until the grace is over. */
  public void ended(long stream) {
    if (byStream.containsKey(stream)) {
      ended.add(stream);
      afterGrace.accept(() -> {
        if (mostEnded()) {
          afterWarmUp.accept(() -> remove(stream));
        } else {
          remove(stream);
        }
      });
    }
  }

  private boolean mostEnded() {
    return ended.size() >= MANY && 2 * ended.size() > byStream.size();
  }

  private void remove(long stream) {
    Entry entry = byStream.remove(stream);
    ended.remove(stream);
    if (entry == null) {
      return; // Its sidecar came back by another stream.
    }
    Workload workload = entry.workload;
    byService.computeIfPresent(
        workload.service(),
        (service, entries) -> {
          entries.remove(workload.address());
          return entries.isEmpty() ? null : entries;
        });
    if (!workload.readyPorts().isEmpty()) {
      changed.accept(workload.service());
    }
  }

  /** The instances of a service, by address. */
  public Collection<Workload> of(ObjectName service) {
    SortedMap<String, Entry> entries = byService.get(service);
    return entries == null ? List.of() : entries.values().stream().map(Entry::workload).toList();
  }

  /** The instances of all services. */
  public Collection<Workload> all() {
    return byService.values().stream()
        .flatMap(entries -> entries.values().stream())
        .map(Entry::workload)
        .toList();
  }
}
