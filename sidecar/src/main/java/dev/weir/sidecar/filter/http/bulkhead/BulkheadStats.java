package dev.weir.sidecar.filter.http.bulkhead;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/** {@code bulkhead.<scope>.*}. */
final class BulkheadStats {
  private final List<StatSlab> slabs;
  private final int active;
  private final int waiting;
  private final int admitted;
  private final int queued;
  private final int refused;
  private final int shadowRefused;

  BulkheadStats(Stats stats, String scope, List<StatSlab> slabs) {
    this.slabs = slabs;
    this.active = stats.gauge(name(scope, "rq_active"));
    this.waiting = stats.gauge(name(scope, "rq_waiting"));
    this.admitted = stats.counter(name(scope, "rq_admitted"));
    this.queued = stats.counter(name(scope, "rq_queued"));
    this.refused = stats.counter(name(scope, "rq_refused"));
    this.shadowRefused = stats.counter(name(scope, "shadow_rq_refused"));
  }

  private static StatName name(String scope, String name) {
    return StatName.of("bulkhead", "weir_scope", scope, name);
  }

  void active(int loop, int change) {
    slabs.get(loop).add(active, change);
    if (change > 0) {
      slabs.get(loop).inc(admitted);
    }
  }

  void waiting(int loop, int change) {
    slabs.get(loop).add(waiting, change);
    if (change > 0) {
      slabs.get(loop).inc(queued);
    }
  }

  void refused(int loop, boolean shadow) {
    slabs.get(loop).inc(shadow ? shadowRefused : refused);
  }
}
