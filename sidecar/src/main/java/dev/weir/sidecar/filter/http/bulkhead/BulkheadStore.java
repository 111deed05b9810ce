package dev.weir.sidecar.filter.http.bulkhead;

import dev.weir.sidecar.route.RouteMatcher;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The bulkheads in force, by scope: an update of their numbers keeps who is in them. */
public final class BulkheadStore {
  private final Stats stats;
  private final List<StatSlab> slabs;

  /** What nobody has any more is collected: streams have it for longer than routes. */
  private final Map<String, WeakReference<Bulkhead>> known = new HashMap<>();

  private final Map<String, Counted> counted = new HashMap<>();

  /** The statistics of a scope, as long as a route in force has it. */
  private static final class Counted {
    private final BulkheadStats stats;
    private int holders;

    Counted(BulkheadStats stats) {
      this.stats = stats;
    }
  }

  /**
   * @param slabs by the index of their loop
   */
  public BulkheadStore(Stats stats, List<StatSlab> slabs) {
    this.stats = stats;
    this.slabs = List.copyOf(slabs);
  }

  /** One match of {@code exclude}, compiled. */
  record Excluded(RouteMatcher matcher, String method) {}

  /** What a route says, ready to use; it keeps the bulkhead. */
  record OfRoute(
      BulkheadConfig config, Bulkhead bulkhead, BulkheadStats stats, List<Excluded> exclude) {}

  /** What is returned is to be given back by {@link #release}. Control thread. */
  OfRoute take(BulkheadConfig config) {
    known.values().removeIf(reference -> reference.get() == null);
    WeakReference<Bulkhead> reference = known.get(config.scope());
    Bulkhead live = reference == null ? null : reference.get();
    if (live == null) {
      live = new Bulkhead(config);
      known.put(config.scope(), new WeakReference<>(live));
    } else {
      live.configure(config);
    }
    Counted counts =
        counted.computeIfAbsent(
            config.scope(), scope -> new Counted(new BulkheadStats(stats, scope, slabs)));
    counts.holders++;
    return new OfRoute(
        config,
        live,
        counts.stats,
        config.exclude().stream()
            .map(match -> new Excluded(RouteMatcher.anySpelling(match.match()), match.method()))
            .toList());
  }

  /** Control thread. */
  void release(OfRoute route) {
    counted.computeIfPresent(
        route.config().scope(),
        (scope, counts) -> {
          counts.holders--;
          if (counts.holders > 0) {
            return counts;
          }
          counts.stats.close();
          return null;
        });
  }
}
