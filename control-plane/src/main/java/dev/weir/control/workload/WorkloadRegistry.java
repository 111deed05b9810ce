package dev.weir.control.workload;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Workload;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Which instances there are, by service and address. The stream that reported last owns an entry; a
 * stream that ends takes only what it owns with it, and only after a grace, in which its sidecar
 * may come back by another. When most of them ended at once it is the way to this control plane
 * that broke and not the instances: then all have as long as after a start. Control thread.
 */
public final class WorkloadRegistry {
  /** Of fewer instances most may well end by themselves at once. */
  private static final int MANY = 4;

  private final Map<Key, Entry> entries = new TreeMap<>();
  private final Set<Long> ended = new HashSet<>();
  private final Consumer<Runnable> afterGrace;
  private final Consumer<Runnable> afterWarmUp;
  private final Runnable changed;

  /**
   * @param afterGrace runs a task on the control thread when the grace of an ended stream is over
   * @param afterWarmUp the same, when all had the time to come back
   * @param changed is told when the workloads are other ones
   */
  public WorkloadRegistry(
      Consumer<Runnable> afterGrace, Consumer<Runnable> afterWarmUp, Runnable changed) {
    this.afterGrace = afterGrace;
    this.afterWarmUp = afterWarmUp;
    this.changed = changed;
  }

  /** An instance accepts on {@code readyPorts}; none: it is not ready, or drains. */
  public void report(long stream, Workload workload) {
    Entry before = entries.put(Key.of(workload), new Entry(stream, workload));
    if (before == null
        ? !workload.readyPorts().isEmpty()
        : !before.workload.readyPorts().equals(workload.readyPorts())) {
      changed.run();
    }
  }

  /** The stream ended; what it reported holds until the grace is over. */
  public void ended(long stream) {
    if (entries.values().stream().anyMatch(entry -> entry.stream == stream)) {
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
    long gone = entries.values().stream().filter(entry -> ended.contains(entry.stream)).count();
    return gone >= MANY && 2 * gone > entries.size();
  }

  private void remove(long stream) {
    boolean wereReady =
        entries.values().stream()
            .anyMatch(entry -> entry.stream == stream && !entry.workload.readyPorts().isEmpty());
    entries.values().removeIf(entry -> entry.stream == stream);
    ended.remove(stream);
    if (wereReady) {
      changed.run();
    }
  }

  public Collection<Workload> workloads() {
    return entries.values().stream().map(Entry::workload).toList();
  }

  /** The ports that a stream's instance last said it accepts on. */
  public Set<Integer> readyPorts(long stream) {
    return entries.values().stream()
        .filter(entry -> entry.stream == stream)
        .map(entry -> entry.workload.readyPorts())
        .findFirst()
        .orElse(Set.of());
  }

  private record Key(ObjectName service, String address) implements Comparable<Key> {
    static Key of(Workload workload) {
      return new Key(workload.service(), workload.address());
    }

    @Override
    public int compareTo(Key other) {
      int order = service.compareTo(other.service);
      return order != 0 ? order : address.compareTo(other.address);
    }
  }

  private record Entry(long stream, Workload workload) {}
}
