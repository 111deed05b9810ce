package dev.weir.sidecar.filter.http.circuitbreaker;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/** {@code cluster.<name>.weir_circuit_breaker.*}. */
final class BreakerStats implements CircuitBreaker.Observer {
  private final Stats stats;
  private final List<StatSlab> slabs;
  private final StatScope scope;
  private int open;
  private int opened;
  private int refused;
  private int shadowRefused;

  BreakerStats(Stats stats, List<StatSlab> slabs, String cluster) {
    this.stats = stats;
    this.slabs = slabs;
    scope = stats.newScope();
    open = scope.gauge(name(cluster, "open"));
    opened = scope.counter(name(cluster, "opened"));
    refused = scope.counter(name(cluster, "refused"));
    shadowRefused = scope.counter(name(cluster, "shadow_refused"));
  }

  private static StatName name(String cluster, String name) {
    return StatName.of("cluster", "envoy_cluster_name", cluster, "weir_circuit_breaker." + name);
  }

  /** The cluster, or its filter, is gone: streams that have it count nowhere. */
  void close() {
    open = Stats.NOWHERE;
    opened = Stats.NOWHERE;
    refused = Stats.NOWHERE;
    shadowRefused = Stats.NOWHERE;
    scope.close();
  }

  void refused(int loop, boolean shadow) {
    slabs.get(loop).inc(shadow ? shadowRefused : refused);
  }

  @Override
  public void changed(CircuitBreaker.State from, CircuitBreaker.State to) {
    if (to == CircuitBreaker.State.OPEN) {
      stats.add(opened, 1);
    }
    int change =
        (to == CircuitBreaker.State.CLOSED ? 0 : 1) - (from == CircuitBreaker.State.CLOSED ? 0 : 1);
    stats.add(open, change);
  }
}
