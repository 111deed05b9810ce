package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.xds.ControlThread;
import java.time.Duration;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The names of one type that are referred to, and those of them that have had their time ({@code
 * initial_fetch_timeout}) and hold nothing back any more. Control thread.
 */
final class FirstFetches {
  private final ControlThread control;
  private final Runnable onTimeout;
  private SortedSet<String> wanted = Collections.emptySortedSet();
  private final Set<String> overdue = new HashSet<>();

  FirstFetches(ControlThread control, Runnable onTimeout) {
    this.control = control;
    this.onTimeout = onTimeout;
  }

  /**
   * These are referred to now; the time of those that were not before begins. Returns whether that
   * is a change.
   */
  boolean want(Map<String, Duration> names) {
    if (names.size() == wanted.size() && names.keySet().containsAll(wanted)) {
      return false;
    }
    Set<String> before = wanted;
    wanted = Collections.unmodifiableSortedSet(new TreeSet<>(names.keySet()));
    overdue.retainAll(wanted);
    names.forEach((name, timeout) -> {
      if (!before.contains(name) && !timeout.isZero()) {
        control.schedule(timeout, () -> expire(name));
      }
    });
    return true;
  }

  private void expire(String name) {
    if (wanted.contains(name) && overdue.add(name)) {
      onTimeout.run();
    }
  }

  /** The same set as long as nothing changed. */
  SortedSet<String> wanted() {
    return wanted;
  }

  boolean isOverdue(String name) {
    return overdue.contains(name);
  }
}
