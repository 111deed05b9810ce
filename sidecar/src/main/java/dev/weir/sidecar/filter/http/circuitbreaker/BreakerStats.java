package dev.weir.sidecar.filter.http.circuitbreaker;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/** {@code cluster.<name>.weir_circuit_breaker.*}. */
final class BreakerStats implements CircuitBreaker.Observer {
  private final Stats stats;
  private final List<StatSlab> slabs;
  private final int open;
  private final int opened;
  private final int refused;
  private final int shadowRefused;

  BreakerStats(Stats stats, List<StatSlab> slabs, String cluster) {
    this.stats = stats;
    this.slabs = slabs;
    open = stats.gauge(name(cluster, "open"));
    opened = stats.counter(name(cluster, "opened"));
    refused = stats.counter(name(cluster, "refused"));
    shadowRefused = stats.counter(name(cluster, "shadow_refused"));
  }

  private static StatName name(String cluster, String name) {
    return StatName.of("cluster", "envoy_cluster_name", cluster, "weir_circuit_breaker." + name);
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
