package dev.weir.sidecar.filter.http.ratelimit;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/**
 * {@code rate_limit.<policy>.*.<limit>}: admitted, refused, and refused if it were not for shadow
 * mode.
 */
final class LimitStats {
  private final List<StatSlab> slabs;
  private final int ok;
  private final int limited;
  private final int shadowLimited;
  private final int overflowKeys;

  LimitStats(Stats stats, RateLimitConfig.Limit limit, List<StatSlab> slabs) {
    this.slabs = slabs;
    this.ok = counter(stats, limit, "ok");
    this.limited = counter(stats, limit, "rate_limited");
    this.shadowLimited = counter(stats, limit, "shadow_rate_limited");
    this.overflowKeys = counter(stats, limit, "overflow_key");
  }

  private static int counter(Stats stats, RateLimitConfig.Limit limit, String name) {
    return stats.counter(
        StatName.of("rate_limit", "weir_policy", limit.policy(), name)
            .with("weir_limit", limit.name()));
  }

  void ok(int loop) {
    slabs.get(loop).inc(ok);
  }

  void limited(int loop, boolean shadow) {
    slabs.get(loop).inc(shadow ? shadowLimited : limited);
  }

  void overflowKey(int loop) {
    slabs.get(loop).inc(overflowKeys);
  }
}
