package dev.weir.sidecar.dns;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.Stats;

/**
 * How lookups of a cluster's names went, as Envoy counts them.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/upstream/cluster_manager/cluster_stats
 */
final class UpdateStats {
  private final Stats stats;
  private final StatScope scope;
  private final int attempt;
  private final int success;
  private final int failure;
  private final int empty;
  private final int noRebuild;

  UpdateStats(Stats stats, String cluster) {
    this.stats = stats;
    this.scope = stats.newScope();
    attempt = counter(cluster, "update_attempt");
    success = counter(cluster, "update_success");
    failure = counter(cluster, "update_failure");
    empty = counter(cluster, "update_empty");
    noRebuild = counter(cluster, "update_no_rebuild");
  }

  private int counter(String cluster, String name) {
    return scope.counter(StatName.of("cluster", "envoy_cluster_name", cluster, name));
  }

  /** Nothing is looked up any more. */
  void close() {
    scope.close();
  }

  void attempt() {
    stats.add(attempt, 1);
  }

  void success() {
    stats.add(success, 1);
  }

  void failure() {
    stats.add(failure, 1);
  }

  /** There are no addresses, and the ones before stay. */
  void empty() {
    stats.add(empty, 1);
  }

  /** The addresses are those of before. */
  void noRebuild() {
    stats.add(noRebuild, 1);
  }
}
