package dev.weir.control.server;

import dev.weir.control.compile.Diagnostic;
import dev.weir.control.server.ProxyReport.Seen;
import dev.weir.control.server.ProxyReport.SeenType;
import dev.weir.control.snapshot.Snapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far what people wrote has come: of the connected proxies that something is compiled for from
 * it, how many have all of that in force, and who refuses it. Any thread.
 */
public final class PolicyReach {
  private PolicyReach() {}

  /**
   * Of one resource.
   *
   * @param concerned proxies that get something that follows from it
   * @param applied those that have it in force as it is now
   * @param refused by the names of proxies, why they do not take it
   * @param left by what cannot be enforced by some of them, how many these are
   */
  public record Reach(
      int concerned,
      int applied,
      SortedMap<String, String> refused,
      SortedMap<String, Integer> left) {
    /** Nobody has anything of it. */
    public static final Reach NONE = new Reach(0, 0, new TreeMap<>(), new TreeMap<>());
  }

  private static final class Counter {
    int concerned;
    int applied;
    final SortedMap<String, String> refused = new TreeMap<>();
    final SortedMap<String, Integer> left = new TreeMap<>();
  }

  /** By kind and name, as in {@code ResiliencePolicy shop/cart}. */
  public static Map<String, Reach> of(List<Seen> proxies) {
    Map<String, Counter> counters = new HashMap<>();
    for (Seen seen : proxies) {
      seen.snapshot().ifPresent(snapshot -> count(seen, snapshot, counters));
    }
    Map<String, Reach> reach = new HashMap<>();
    counters.forEach((name, counter) ->
        reach.put(
            name, new Reach(counter.concerned, counter.applied, counter.refused, counter.left)));
    return reach;
  }

  private static void count(Seen seen, Snapshot snapshot, Map<String, Counter> counters) {
    Set<String> concerned = new HashSet<>();
    Set<String> waiting = new HashSet<>();
    Map<String, String> refused = new HashMap<>();
    for (SeenType type : seen.types()) {
      Set<String> origins = snapshot.origins(type.type());
      concerned.addAll(origins);
      if (type.nack().isPresent()) {
        String reason = type.nack().get().reason();
        type.origins().forEach(origin -> refused.put(origin, reason));
        waiting.addAll(type.origins());
      } else if (!type.state().equals(ProxyReport.IN_FORCE)) {
        waiting.addAll(origins);
      }
    }
    for (String origin : concerned) {
      Counter counter = counters.computeIfAbsent(origin, key -> new Counter());
      counter.concerned++;
      if (!waiting.contains(origin)) {
        counter.applied++;
      }
    }
    refused.forEach((origin, reason) ->
        counters
            .computeIfAbsent(origin, key -> new Counter())
            .refused
            .put(seen.proxy().id(), reason));
    List<String> told = new ArrayList<>();
    for (Diagnostic diagnostic : snapshot.diagnostics()) {
      String what = diagnostic.field() + ": " + diagnostic.message();
      if (!told.contains(diagnostic.policy() + what)) {
        told.add(diagnostic.policy() + what);
        counters
            .computeIfAbsent(diagnostic.policy(), key -> new Counter())
            .left
            .merge(what, 1, Integer::sum);
      }
    }
  }
}
