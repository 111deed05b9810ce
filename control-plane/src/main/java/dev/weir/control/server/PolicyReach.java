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
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How far what people wrote has come: of the connected proxies that something is compiled for from
 * it, how many have all of that in force, and who refuses it. Any thread.
 */
public final class PolicyReach {
  private static final int MOST_NAMED = 5;

  private PolicyReach() {}

  /**
   * Of one resource.
   *
   * @param concerned proxies that get something that follows from it
   * @param applied those that have it in force as it is now
   * @param refusing those that refuse it
   * @param refused some of these, by name, and why: those named first
   * @param left by what cannot be enforced by some of them, how many these are
   * @param unheard by the names of other control planes, why it is not known how far it came with
   *     their proxies
   */
  public record Reach(
      int concerned,
      int applied,
      int refusing,
      SortedMap<String, String> refused,
      SortedMap<String, Integer> left,
      SortedMap<String, String> unheard) {
    /** Nobody has anything of it. */
    public static final Reach NONE =
        new Reach(0, 0, 0, new TreeMap<>(), new TreeMap<>(), new TreeMap<>());

    /** With the proxies of another control plane. */
    Reach plus(Reach other) {
      SortedMap<String, String> allRefused = new TreeMap<>(refused);
      other.refused.forEach((proxy, why) -> name(proxy, why, allRefused));
      SortedMap<String, Integer> allLeft = new TreeMap<>(left);
      other.left.forEach((what, count) -> allLeft.merge(what, count, Integer::sum));
      SortedMap<String, String> allUnheard = new TreeMap<>(unheard);
      allUnheard.putAll(other.unheard);
      return new Reach(
          concerned + other.concerned,
          applied + other.applied,
          refusing + other.refusing,
          allRefused,
          allLeft,
          allUnheard);
    }

    /** As it is for proxies that have it in another version. */
    Reach ofAnotherVersion() {
      return new Reach(concerned, 0, 0, new TreeMap<>(), new TreeMap<>(), unheard);
    }

    private static void name(String proxy, String why, SortedMap<String, String> refused) {
      refused.put(proxy, why);
      if (refused.size() > MOST_NAMED) {
        refused.remove(refused.lastKey());
      }
    }
  }

  /**
   * What a control plane knows of its own proxies.
   *
   * @param reach of what something is compiled from, by kind and name
   * @param versions of all that has a status and was compiled
   */
  public record Part(Map<String, Reach> reach, Map<String, String> versions) {
    public Part {
      reach = Map.copyOf(reach);
      versions = Map.copyOf(versions);
    }

    /**
     * How far a resource has come with all proxies of this and other control planes.
     *
     * @param others by their names; empty: it does not answer
     */
    public Reach of(String resource, SortedMap<String, Optional<Part>> others) {
      Reach all = reach.getOrDefault(resource, Reach.NONE);
      for (var other : others.entrySet()) {
        all = all.plus(ofOther(resource, other.getKey(), other.getValue()));
      }
      return all;
    }

    private Reach ofOther(String resource, String name, Optional<Part> part) {
      if (part.isEmpty()) {
        return unheard(name, "does not answer");
      }
      Reach its = part.get().reach.getOrDefault(resource, Reach.NONE);
      return Objects.equals(versions.get(resource), part.get().versions.get(resource))
          ? its
          : its.ofAnotherVersion().plus(unheard(name, "has not read it yet"));
    }

    private static Reach unheard(String name, String why) {
      return new Reach(0, 0, 0, new TreeMap<>(), new TreeMap<>(), new TreeMap<>(Map.of(name, why)));
    }
  }

  private static final class Counter {
    int concerned;
    int applied;
    int refusing;
    final SortedMap<String, String> refused = new TreeMap<>();
    final SortedMap<String, Integer> left = new TreeMap<>();

    Reach reach() {
      return new Reach(concerned, applied, refusing, refused, left, new TreeMap<>());
    }
  }

  /** By kind and name, as in {@code ResiliencePolicy shop/cart}. */
  public static Map<String, Reach> of(List<Seen> proxies) {
    Map<String, Counter> counters = new HashMap<>();
    for (Seen seen : proxies) {
      seen.snapshot().ifPresent(snapshot -> count(seen, snapshot, counters));
    }
    Map<String, Reach> reach = new HashMap<>();
    counters.forEach((name, counter) -> reach.put(name, counter.reach()));
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
    refused.forEach((origin, reason) -> {
      Counter counter = counters.computeIfAbsent(origin, key -> new Counter());
      counter.refusing++;
      Reach.name(seen.proxy().id(), reason, counter.refused);
    });
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
