package dev.weir.sidecar.filter.http.localratelimit;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/** {@code <stat_prefix>.http_local_rate_limit.*}, as Envoy's. */
public final class LimiterStats {
  private final List<StatSlab> slabs;
  final int enabled;
  final int ok;
  final int limited;
  final int enforced;

  /**
   * @param slabs by the index of their loop
   */
  public LimiterStats(Stats stats, String statPrefix, List<StatSlab> slabs) {
    this.slabs = List.copyOf(slabs);
    this.enabled = counter(stats, statPrefix, "enabled");
    this.ok = counter(stats, statPrefix, "ok");
    this.limited = counter(stats, statPrefix, "rate_limited");
    this.enforced = counter(stats, statPrefix, "enforced");
  }

  private static int counter(Stats stats, String statPrefix, String name) {
    return stats.counter(
        StatName.of(
            "http_local_rate_limit", "envoy_local_http_ratelimit_prefix", statPrefix, name));
  }

  StatSlab slab(int loop) {
    return slabs.get(loop);
  }
}
