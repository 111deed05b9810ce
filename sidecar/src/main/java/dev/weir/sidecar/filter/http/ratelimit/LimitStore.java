package dev.weir.sidecar.filter.http.ratelimit;

import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The limits of this process by what they are: one that did not change keeps its buckets over an
 * update, whichever routes it is on. Control thread.
 */
public final class LimitStore {
  private final Stats stats;
  private final List<StatSlab> slabs;

  /** What no route refers to any more is collected. */
  private final Map<RateLimitConfig.Limit, WeakReference<LiveLimit>> known = new HashMap<>();

  /**
   * @param slabs by the index of their loop
   */
  public LimitStore(Stats stats, List<StatSlab> slabs) {
    this.stats = stats;
    this.slabs = List.copyOf(slabs);
  }

  List<LiveLimit> take(RateLimitConfig config) {
    known.values().removeIf(reference -> reference.get() == null);
    List<LiveLimit> limits = new ArrayList<>();
    for (RateLimitConfig.Limit limit : config.limits()) {
      WeakReference<LiveLimit> reference = known.get(limit);
      LiveLimit live = reference == null ? null : reference.get();
      if (live == null) {
        live = new LiveLimit(limit, new LimitStats(stats, limit, slabs), System.nanoTime());
        known.put(limit, new WeakReference<>(live));
      }
      limits.add(live);
    }
    return List.copyOf(limits);
  }
}
