package dev.weir.control.server.subscription;

import dev.weir.control.compile.xds.ResourceType;
import dev.weir.control.snapshot.Versioned;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * The last response of each type to each zone: who is owed the same next gets the same one, with
 * its nonce, so that news for a thousand clients are one object. What is large is not kept. Control
 * thread.
 */
final class SharedResponses {
  /** News are small; what a client is told at first is not, and few are told it at once. */
  private static final int MOST = 16;

  /** Clients say where they are; a mesh has fewer. */
  private static final int MOST_ZONES = 16;

  private final Map<ResourceType, Map<String, Made>> last = new EnumMap<>(ResourceType.class);

  private record Made(String version, Change change, DeltaDiscoveryResponse response) {
    boolean says(String toVersion, Change what) {
      return same(what.changed(), change.changed())
          && version.equals(toVersion)
          && what.absent().equals(change.absent());
    }

    private static boolean same(List<Versioned> some, List<Versioned> others) {
      if (some.size() != others.size()) {
        return false;
      }
      for (int i = 0; i < some.size(); i++) {
        if (some.get(i) != others.get(i)) {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * @param zone where the client is
   * @param sentLast whether the client was sent a nonce last: it gets a new one with what it is
   *     owed again
   * @param make makes one with a new nonce
   */
  DeltaDiscoveryResponse of(
      ResourceType type,
      String version,
      Change change,
      String zone,
      Predicate<String> sentLast,
      Supplier<DeltaDiscoveryResponse> make) {
    Map<String, Made> zones = last.computeIfAbsent(type, key -> new HashMap<>());
    Made known = zones.get(zone);
    if (known != null && known.says(version, change) && !sentLast.test(known.response.getNonce())) {
      return known.response;
    }
    DeltaDiscoveryResponse made = make.get();
    if (change.changed().size() + change.absent().size() > MOST) {
      zones.remove(zone);
    } else {
      if (known == null && zones.size() == MOST_ZONES) {
        zones.clear();
      }
      zones.put(zone, new Made(version, change, made));
    }
    return made;
  }
}
