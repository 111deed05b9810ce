package dev.weir.control.workload;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Workload;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
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
 * nothing about them. An address that another instance has now is that one's.
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

  /** By address, the services with an instance of an earlier start that did not come back yet. */
  private final Map<String, Set<ObjectName>> unconfirmed = new HashMap<>();

  /** Services with an instance that an earlier start knew. */
  private final Set<ObjectName> restored = new HashSet<>();

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

  /**
   * An instance.
   *
   * @param spoke whether its sidecar has said, by the stream, what it accepts on
   * @param known when it was last known to be there, if an earlier start knew it
   */
  private record Entry(long stream, Workload workload, boolean spoke, Instant known) {}

  /** Begins with what an earlier start knew, and when each was last there; nobody is told. */
  public void restore(Map<Workload, Instant> known) {
    known.forEach((workload, at) -> {
      put(new Entry(NOBODY, workload, false, at));
      restored.add(workload.service());
    });
  }

  /**
   * An instance is there, and has not said yet what it accepts on: what an earlier start knew of it
   * holds until it does.
   */
  public void present(long stream, ObjectName service, String address) {
    SortedMap<String, Entry> entries = byService.get(service);
    Entry known = entries == null ? null : entries.get(address);
    if (known != null && known.stream == NOBODY) {
      put(new Entry(stream, known.workload, false, known.known));
    }
  }

  /** An instance accepts on {@code readyPorts}; none: it is not ready, or drains. */
  public void report(long stream, Workload workload) {
    Entry before = put(new Entry(stream, workload, true, Instant.MAX));
    takeAddress(workload);
    boolean first = heardOf.add(workload.service());
    if (first && warm && restored.contains(workload.service())) {
      afterWarmUp.accept(() -> giveUp(workload.service()));
    }
    if (before == null
        ? !workload.readyPorts().isEmpty()
        : !before.workload.readyPorts().equals(workload.readyPorts())
            || before.workload.mtls() != workload.mtls()) {
      changed.accept(workload.service());
    } else if (first) {
      changed.accept(workload.service()); // That it has none is known only now.
    }
  }

  private void takeAddress(Workload workload) {
    for (ObjectName other : Set.copyOf(unconfirmed.getOrDefault(workload.address(), Set.of()))) {
      if (!other.equals(workload.service())) {
        drop(other, workload.address());
        changed.accept(other);
      }
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
    if (entry.stream == NOBODY) {
      unconfirmed
          .computeIfAbsent(workload.address(), address -> new HashSet<>())
          .add(workload.service());
    } else {
      byStream.put(entry.stream, entry);
      confirm(workload.service(), workload.address());
    }
    return before;
  }

  private void confirm(ObjectName service, String address) {
    unconfirmed.computeIfPresent(
        address,
        (key, services) -> {
          services.remove(service);
          return services.isEmpty() ? null : services;
        });
  }

  private void drop(ObjectName service, String address) {
    confirm(service, address);
    byService.computeIfPresent(
        service,
        (key, entries) -> {
          entries.remove(address);
          return entries.isEmpty() ? null : entries;
        });
  }

  /** All had the time to come back. */
  public void warmedUp() {
    warm = true;
    for (ObjectName service : Set.copyOf(restored)) {
      if (heardOf.contains(service)) {
        giveUp(service);
      }
    }
  }

  /** Of a service whose other instances are back. */
  private void giveUp(ObjectName service) {
    List<Entry> gone =
        byService.getOrDefault(service, Collections.emptySortedMap()).values().stream()
            .filter(entry -> entry.stream == NOBODY)
            .toList();
    gone.forEach(entry -> drop(service, entry.workload.address()));
    if (!gone.isEmpty()) {
      changed.accept(service);
    }
  }

  /** Whether any instance of a service has spoken since this began. */
  public boolean heardOf(ObjectName service) {
    return heardOf.contains(service);
  }

  /** Whether an earlier start knew an instance of a service. */
  public boolean restored(ObjectName service) {
    return restored.contains(service);
  }

  /** The stream ended; what it reported holds until the grace is over. */
  public void ended(long stream) {
    Entry entry = byStream.get(stream);
    if (entry == null) {
      return;
    }
    if (entry.workload.readyPorts().isEmpty()) {
      remove(stream); // It took its leave, and says nothing about the way here.
      return;
    }
    ended.add(stream);
    afterGrace.accept(() -> {
      if (mostEnded()) {
        afterWarmUp.accept(() -> remove(stream));
      } else {
        remove(stream);
      }
    });
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
    if (!entry.spoke) {
      // It is as if it had not come: an earlier start's word holds, as for the others.
      put(new Entry(NOBODY, workload, false, entry.known));
      if (warm && heardOf.contains(workload.service())) {
        giveUp(workload.service());
      }
      return;
    }
    drop(workload.service(), workload.address());
    if (!workload.readyPorts().isEmpty()) {
      changed.accept(workload.service());
    }
  }

  /** The instances of a service, by address. */
  public Collection<Workload> of(ObjectName service) {
    return byService.getOrDefault(service, Collections.emptySortedMap()).values().stream()
        .map(Entry::workload)
        .toList();
  }

  /**
   * An instance, and when it was last known to be there.
   *
   * @param at the time of asking, if it is there now
   */
  public record Known(Workload workload, Instant at) {}

  /** The ready instances of {@code services} that are known at {@code now}. */
  public List<Known> known(Collection<ObjectName> services, Instant now) {
    List<Known> known = new ArrayList<>();
    byService.forEach((service, entries) -> {
      if (services.contains(service)) {
        for (Entry entry : entries.values()) {
          if (!entry.workload.readyPorts().isEmpty()) {
            known.add(new Known(entry.workload, entry.spoke ? now : entry.known));
          }
        }
      }
    });
    return known;
  }
}
