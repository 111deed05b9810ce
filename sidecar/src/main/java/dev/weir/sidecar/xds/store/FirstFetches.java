package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.xds.ControlThread;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The names of one type that are referred to, and those of them that have had their time ({@code
 * initial_fetch_timeout}), or are known not to exist, and hold nothing back any more. Control
 * thread.
 */
final class FirstFetches {
  private final ControlThread control;
  private final Runnable onTimeout;
  private SortedSet<String> wanted = Collections.emptySortedSet();
  private final Map<String, Wait> waits = new HashMap<>();
  private final Set<String> overdue = new HashSet<>();

  /** One for each time that a name's time begins: only the last one's end counts. */
  private static final class Wait {
    final Duration timeout;

    Wait(Duration timeout) {
      this.timeout = timeout;
    }
  }

  FirstFetches(ControlThread control, Runnable onTimeout) {
    this.control = control;
    this.onTimeout = onTimeout;
  }

  /** The shorter one; zero is no limit. */
  static Duration sooner(Duration a, Duration b) {
    if (a.isZero() || b.isZero()) {
      return a.isZero() ? b : a;
    }
    return a.compareTo(b) < 0 ? a : b;
  }

  /**
   * These are referred to now; the time of those that were not before begins, and of those that now
   * have less of it. Returns whether other names are.
   */
  boolean want(Map<String, Duration> names) {
    waits.keySet().retainAll(names.keySet());
    overdue.retainAll(names.keySet());
    names.forEach(this::begin);
    if (wanted.equals(names.keySet())) {
      return false;
    }
    wanted = Collections.unmodifiableSortedSet(new TreeSet<>(names.keySet()));
    return true;
  }

  private void begin(String name, Duration timeout) {
    Wait before = waits.get(name);
    if (before != null && sooner(before.timeout, timeout).equals(before.timeout)) {
      return;
    }
    Wait wait = new Wait(timeout);
    waits.put(name, wait);
    if (!timeout.isZero()) {
      control.schedule(timeout, () -> expire(name, wait));
    }
  }

  private void expire(String name, Wait wait) {
    if (waits.get(name) == wait && overdue.add(name)) {
      onTimeout.run();
    }
  }

  /** These do not exist, so far. */
  void absent(Collection<String> names) {
    for (String name : names) {
      if (waits.containsKey(name)) {
        overdue.add(name);
      }
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
