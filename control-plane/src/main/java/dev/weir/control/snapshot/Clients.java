package dev.weir.control.snapshot;

import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.model.ObjectName;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The clients there are, by kind and by service. A mesh has a handful of kinds, so that more of
 * them mean that a client says something else each time; beside one service, which is one identity,
 * are fewer still. What is made for a kind costs as much as the mesh is large, so a kind counts for
 * a while after its last client: who comes as another each time has few made for him. Control
 * thread.
 */
final class Clients {
  static final int MOST_KINDS = 64;
  static final int MOST_OF_SERVICE = 8;

  private final Kinds all = new Kinds();
  private final Map<ObjectName, Kinds> services = new HashMap<>();

  /** How many clients each kind has, and since when one has none. */
  private static final class Kinds {
    final Map<ProxyKind, Integer> counts = new HashMap<>();
    final Map<ProxyKind, Duration> left = new HashMap<>();

    boolean hasRoom(ProxyKind kind, int most) {
      return has(kind) || counts.size() + left.size() < most;
    }

    boolean has(ProxyKind kind) {
      return counts.containsKey(kind) || left.containsKey(kind);
    }

    void enter(ProxyKind kind) {
      left.remove(kind);
      counts.merge(kind, 1, Integer::sum);
    }

    void leave(ProxyKind kind, Duration now) {
      if (counts.computeIfPresent(kind, (same, count) -> count == 1 ? null : count - 1) == null) {
        left.put(kind, now);
      }
    }

    void forget(Duration time) {
      left.values().removeIf(since -> since.compareTo(time) <= 0);
    }
  }

  /** One comes; why it may not, if it may not. */
  Optional<String> enter(Proxy proxy) {
    ProxyKind kind = proxy.kind();
    Kinds ofService = services.get(proxy.service());
    if (ofService != null && !ofService.hasRoom(kind, MOST_OF_SERVICE)) {
      return Optional.of(tooMany(MOST_OF_SERVICE, " beside " + proxy.service()));
    }
    if (!all.hasRoom(kind, MOST_KINDS)) {
      return Optional.of(tooMany(MOST_KINDS, ""));
    }
    all.enter(kind);
    services.computeIfAbsent(proxy.service(), name -> new Kinds()).enter(kind);
    return Optional.empty();
  }

  private static String tooMany(int most, String where) {
    return "clients of %d kinds%s are served at once, or within a minute, and this one is of another:"
            .formatted(most, where)
        + " of other ports, mark or extensions";
  }

  /** One that has entered is gone. */
  void leave(Proxy proxy, Duration now) {
    all.leave(proxy.kind(), now);
    Kinds ofService = services.get(proxy.service());
    if (ofService != null) {
      ofService.leave(proxy.kind(), now);
    }
  }

  /** Kinds whose last client left by {@code time} count no more. */
  void forget(Duration time) {
    all.forget(time);
    services.values().forEach(kinds -> kinds.forget(time));
    services.values().removeIf(kinds -> kinds.counts.isEmpty() && kinds.left.isEmpty());
  }

  /** Whether a kind has clients, or had a while ago. */
  boolean has(ProxyKind kind) {
    return all.has(kind);
  }

  /** Whether a service has one. */
  boolean areBeside(ObjectName service) {
    Kinds kinds = services.get(service);
    return kinds != null && !kinds.counts.isEmpty();
  }

  /** Those that have one. */
  Set<ObjectName> services() {
    return services.keySet().stream().filter(this::areBeside).collect(Collectors.toSet());
  }
}
