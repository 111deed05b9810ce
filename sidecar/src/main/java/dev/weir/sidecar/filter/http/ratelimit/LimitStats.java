package dev.weir.sidecar.filter.http.ratelimit;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/**
 * {@code rate_limit.<policy>.*.<limit>}: admitted, refused, and refused if it were not for shadow
 * mode.
 */
final class LimitStats {
  private final List<StatSlab> slabs;
  private final StatScope scope;
  private int ok;
  private int limited;
  private int shadowLimited;
  private int overflowKeys;

  LimitStats(Stats stats, RateLimitConfig.Limit limit, List<StatSlab> slabs) {
    this.slabs = slabs;
    this.scope = stats.newScope();
    this.ok = counter(limit, "ok");
    this.limited = counter(limit, "rate_limited");
    this.shadowLimited = counter(limit, "shadow_rate_limited");
    this.overflowKeys = counter(limit, "overflow_key");
  }

  private int counter(RateLimitConfig.Limit limit, String name) {
    return scope.counter(
        StatName.of("rate_limit", "weir_policy", limit.policy(), name)
            .with("weir_limit", limit.name()));
  }

  /** No configuration in force has the limit: streams that have it count nowhere. */
  void close() {
    ok = Stats.NOWHERE;
    limited = Stats.NOWHERE;
    shadowLimited = Stats.NOWHERE;
    overflowKeys = Stats.NOWHERE;
    scope.close();
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
