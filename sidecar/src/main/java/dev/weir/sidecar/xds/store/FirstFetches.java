package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.config.ConfigSource;
import dev.weir.sidecar.config.Fetch;
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
  private Map<ConfigSource, SortedSet<String>> wanted = Map.of();
  private final Map<String, Wait> waits = new HashMap<>();
  private final Set<String> overdue = new HashSet<>();

  /** Of those that are referred to, the ones that are said not to exist. */
  private final Set<String> gone = new HashSet<>();

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

  /** The same with the shorter timeout. */
  static Fetch sooner(Fetch a, Fetch b) {
    return new Fetch(b.source(), sooner(a.timeout(), b.timeout()));
  }

  /** The shorter one; zero is no limit. */
  private static Duration sooner(Duration a, Duration b) {
    if (a.isZero() || b.isZero()) {
      return a.isZero() ? b : a;
    }
    return a.compareTo(b) < 0 ? a : b;
  }

  /**
   * These are referred to now; the time of those that were not before begins, and of those that now
   * have less of it. Returns whether other names are, or others' names.
   */
  boolean want(Map<String, Fetch> names) {
    waits.keySet().retainAll(names.keySet());
    overdue.retainAll(names.keySet());
    gone.retainAll(names.keySet());
    names.forEach((name, fetch) -> begin(name, fetch.timeout()));
    Map<ConfigSource, SortedSet<String>> bySource = new HashMap<>();
    names.forEach((name, fetch) ->
        bySource.computeIfAbsent(fetch.source(), each -> new TreeSet<>()).add(name));
    if (wanted.equals(bySource)) {
      return false;
    }
    // Who was told a set keeps it as long as it is the same.
    bySource.replaceAll((source, set) -> {
      SortedSet<String> before = wanted.get(source);
      return set.equals(before) ? before : Collections.unmodifiableSortedSet(set);
    });
    wanted = bySource;
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
        gone.add(name);
      }
    }
  }

  /** It does exist. */
  void came(String name) {
    gone.remove(name);
  }

  /** Whether the last that was said of it is that it does not exist. */
  boolean isGone(String name) {
    return gone.contains(name);
  }

  /** The sources that something is wanted of. */
  Set<ConfigSource> sources() {
    return wanted.keySet();
  }

  /** The names that are wanted of {@code source}; the same set as long as nothing changed. */
  SortedSet<String> wanted(ConfigSource source) {
    return wanted.getOrDefault(source, Collections.emptySortedSet());
  }

  /** The names that are wanted of any source. */
  Set<String> names() {
    return waits.keySet();
  }

  boolean isWanted(String name) {
    return waits.containsKey(name);
  }

  boolean isOverdue(String name) {
    return overdue.contains(name);
  }
}
