package dev.weir.sidecar.xds.store;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.xds.ResourceType;
import java.util.EnumMap;
import java.util.Map;

/**
 * How fetching went, of each type; Envoy counts what is asked for by name under each name, we count
 * all names together.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/overview/mgmt_server#xds-subscription-statistics
 */
final class FetchStats {
  private record Counters(int attempt, int success, int failure, int rejected) {}

  private final Stats stats;
  private final int connected;
  private final Map<ResourceType, Counters> counters = new EnumMap<>(ResourceType.class);

  FetchStats(Stats stats) {
    this.stats = stats;
    this.connected =
        stats.newScope().gauge(StatName.of("control_plane", "", "", "connected_state"));
  }

  private static String prefix(ResourceType type) {
    return switch (type) {
      case CLUSTER -> "cluster_manager.cds";
      case LISTENER -> "listener_manager.lds";
      case ENDPOINTS -> "eds";
      case ROUTE -> "rds";
      case SECRET -> "sds";
      case DESTINATION -> "destinations";
    };
  }

  private Counters of(ResourceType type) {
    return counters.computeIfAbsent(
        type,
        each ->
            new Counters(
                counter(each, "update_attempt"),
                counter(each, "update_success"),
                counter(each, "update_failure"),
                counter(each, "update_rejected")));
  }

  private int counter(ResourceType type, String name) {
    return stats.counter(StatName.of(prefix(type), "", "", name));
  }

  void attempt(ResourceType type) {
    stats.add(of(type).attempt(), 1);
  }

  /** An answer was taken, whole or but for what was refused of it. */
  void taken(ResourceType type, boolean whole) {
    stats.add(whole ? of(type).success() : of(type).rejected(), 1);
  }

  /** The server cannot be reached, or its answer cannot be read. */
  void failure(ResourceType type) {
    stats.add(of(type).failure(), 1);
  }

  /** The ADS stream answers, or has ended. */
  void connected(boolean now) {
    stats.add(connected, now ? 1 : -1);
  }
}
