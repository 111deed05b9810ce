package dev.weir.sidecar.filter.http.localratelimit;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/** {@code <stat_prefix>.http_local_rate_limit.*}, as Envoy's. */
public final class LimiterStats {
  private final List<StatSlab> slabs;
  private final StatScope scope;
  int enabled;
  int ok;
  int limited;
  int enforced;

  /**
   * @param slabs by the index of their loop
   */
  public LimiterStats(Stats stats, String statPrefix, List<StatSlab> slabs) {
    this.slabs = List.copyOf(slabs);
    this.scope = stats.newScope();
    this.enabled = counter(statPrefix, "enabled");
    this.ok = counter(statPrefix, "ok");
    this.limited = counter(statPrefix, "rate_limited");
    this.enforced = counter(statPrefix, "enforced");
  }

  private int counter(String statPrefix, String name) {
    return scope.counter(
        StatName.of(
            "http_local_rate_limit", "envoy_local_http_ratelimit_prefix", statPrefix, name));
  }

  /** No configuration in force has the filter: streams that have it count nowhere. */
  void close() {
    enabled = Stats.NOWHERE;
    ok = Stats.NOWHERE;
    limited = Stats.NOWHERE;
    enforced = Stats.NOWHERE;
    scope.close();
  }

  StatSlab slab(int loop) {
    return slabs.get(loop);
  }
}
