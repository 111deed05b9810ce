package dev.weir.control.snapshot;

import dev.weir.control.compile.Proxy;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.model.ObjectName;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The clients there are, by kind and by service. A mesh has a handful of kinds, so that more of
 * them mean that a client says something else each time; beside one service, which is one identity,
 * are fewer still. Control thread.
 */
final class Clients {
  static final int MOST_KINDS = 64;
  static final int MOST_OF_SERVICE = 8;

  private final Map<ProxyKind, Integer> kinds = new HashMap<>();
  private final Map<ObjectName, Map<ProxyKind, Integer>> services = new HashMap<>();

  /** One comes; why it may not, if it may not. */
  Optional<String> enter(Proxy proxy) {
    ProxyKind kind = proxy.kind();
    Map<ProxyKind, Integer> ofService = services.getOrDefault(proxy.service(), Map.of());
    if (!ofService.containsKey(kind) && ofService.size() >= MOST_OF_SERVICE) {
      return Optional.of(tooMany(MOST_OF_SERVICE, " beside " + proxy.service()));
    }
    if (!kinds.containsKey(kind) && kinds.size() >= MOST_KINDS) {
      return Optional.of(tooMany(MOST_KINDS, ""));
    }
    kinds.merge(kind, 1, Integer::sum);
    services.computeIfAbsent(proxy.service(), name -> new HashMap<>()).merge(kind, 1, Integer::sum);
    return Optional.empty();
  }

  private static String tooMany(int most, String where) {
    return "clients of %d kinds%s are served at once, and this one is of another: of other ports,"
            .formatted(most, where)
        + " mark or extensions";
  }

  /** One that has entered is gone. */
  void leave(Proxy proxy) {
    oneLess(kinds, proxy.kind());
    Map<ProxyKind, Integer> ofService = services.get(proxy.service());
    if (ofService != null) {
      oneLess(ofService, proxy.kind());
      if (ofService.isEmpty()) {
        services.remove(proxy.service());
      }
    }
  }

  private static void oneLess(Map<ProxyKind, Integer> counts, ProxyKind kind) {
    counts.computeIfPresent(kind, (same, count) -> count == 1 ? null : count - 1);
  }

  boolean has(ProxyKind kind) {
    return kinds.containsKey(kind);
  }

  /** Those that have one. */
  Set<ObjectName> services() {
    return Collections.unmodifiableSet(services.keySet());
  }
}
