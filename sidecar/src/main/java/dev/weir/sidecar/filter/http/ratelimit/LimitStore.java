package dev.weir.sidecar.filter.http.ratelimit;

import dev.weir.sidecar.runtime.Clock;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
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
  private final Clock clock;
  private final Map<RateLimitConfig.Limit, Held> known = new HashMap<>();

  private static final class Held {
    private final LiveLimit limit;
    private int holders;

    Held(LiveLimit limit) {
      this.limit = limit;
    }
  }

  /**
   * @param slabs by the index of their loop
   * @param clock of these loops
   */
  public LimitStore(Stats stats, List<StatSlab> slabs, Clock clock) {
    this.clock = clock;
    this.stats = stats;
    this.slabs = List.copyOf(slabs);
  }

  /** What is returned is to be given back by {@link #release}. */
  List<LiveLimit> take(RateLimitConfig config) {
    List<LiveLimit> limits = new ArrayList<>();
    for (RateLimitConfig.Limit limit : config.limits()) {
      Held held = known.computeIfAbsent(limit, this::make);
      held.holders++;
      limits.add(held.limit);
    }
    return List.copyOf(limits);
  }

  private Held make(RateLimitConfig.Limit limit) {
    return new Held(new LiveLimit(limit, new LimitStats(stats, limit, slabs), clock.nanoTime()));
  }

  void release(List<LiveLimit> limits) {
    for (LiveLimit limit : limits) {
      known.computeIfPresent(
          limit.config(),
          (config, held) -> {
            held.holders--;
            if (held.holders > 0) {
              return held;
            }
            limit.stats().close();
            return null;
          });
    }
  }
}
