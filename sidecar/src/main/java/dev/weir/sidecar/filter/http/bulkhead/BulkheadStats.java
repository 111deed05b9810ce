package dev.weir.sidecar.filter.http.bulkhead;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/** {@code bulkhead.<scope>.*}. */
final class BulkheadStats {
  private final List<StatSlab> slabs;
  private final StatScope held;
  private int active;
  private int waiting;
  private int admitted;
  private int queued;
  private int refused;
  private int shadowRefused;

  BulkheadStats(Stats stats, String scope, List<StatSlab> slabs) {
    this.slabs = slabs;
    this.held = stats.newScope();
    this.active = held.gauge(name(scope, "rq_active"));
    this.waiting = held.gauge(name(scope, "rq_waiting"));
    this.admitted = held.counter(name(scope, "rq_admitted"));
    this.queued = held.counter(name(scope, "rq_queued"));
    this.refused = held.counter(name(scope, "rq_refused"));
    this.shadowRefused = held.counter(name(scope, "shadow_rq_refused"));
  }

  private static StatName name(String scope, String name) {
    return StatName.of("bulkhead", "weir_scope", scope, name);
  }

  /** No configuration in force has the scope: streams that have it count nowhere. */
  void close() {
    active = Stats.NOWHERE;
    waiting = Stats.NOWHERE;
    admitted = Stats.NOWHERE;
    queued = Stats.NOWHERE;
    refused = Stats.NOWHERE;
    shadowRefused = Stats.NOWHERE;
    held.close();
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
