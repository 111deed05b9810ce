package dev.weir.control.workload;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Pod;
import java.util.Collections;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which pods of a cluster have a sidecar and which run without one, by address and by namespace. It
 * is counted when a pod comes, goes or is another, so that to ask costs what there are namespaces.
 * Control thread; what is given out does not change.
 */
final class Sidecars {
  private final PodAddresses meshed = new PodAddresses();
  private final PodAddresses bare = new PodAddresses();
  private final PodAddresses running = new PodAddresses();

  /** Those that run where the last pod without a sidecar is the one that runs. */
  private final PodAddresses runningBare = new PodAddresses();

  /** A pod is there; what it was before has left. */
  void enter(Pod pod) {
    pod.address()
        .ifPresent(address -> {
          (pod.meshed() ? meshed : bare).put(address, pod.name());
          if (pod.running()) {
            running.put(address, pod.name());
          }
          compare(address);
        });
  }

  /** A pod is gone, or about to be another. */
  void leave(Pod pod) {
    pod.address()
        .ifPresent(address -> {
          (pod.meshed() ? meshed : bare).remove(address, pod.name());
          running.remove(address, pod.name());
          compare(address);
        });
  }

  private void compare(String address) {
    ObjectName before = runningBare.at(address);
    ObjectName now = running.at(address);
    if (now != null && now.equals(bare.at(address))) {
      runningBare.put(address, now);
    } else if (before != null) {
      runningBare.remove(address, before);
    }
  }

  /** Whether there is a pod with a sidecar at an address. */
  boolean isMeshed(String address) {
    return meshed.has(address);
  }

  /** Whether a pod runs at an address. */
  boolean isRunning(String address) {
    return running.has(address);
  }

  /** The pod without a sidecar at an address; null: there is none. */
  @Nullable ObjectName bareAt(String address) {
    return bare.at(address);
  }

  /** Those that have a pod with a sidecar. */
  SortedSet<String> namespaces() {
    return meshed.namespaces();
  }

  /** Those of them in which pods run without one, too. */
  SortedSet<String> partly() {
    SortedSet<String> partly = new TreeSet<>(runningBare.namespaces());
    partly.retainAll(meshed.namespaces());
    return Collections.unmodifiableSortedSet(partly);
  }

  /** Those in which pods run, and none with a sidecar. */
  SortedSet<String> apart() {
    SortedSet<String> apart = new TreeSet<>(running.namespaces());
    apart.removeAll(meshed.namespaces());
    return Collections.unmodifiableSortedSet(apart);
  }
}
