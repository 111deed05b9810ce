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

  /** What no route refers to any more is collected. */
  private final Map<String, WeakReference<Bulkhead>> known = new HashMap<>();

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

  /** Control thread. */
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
    return new OfRoute(
        config,
        live,
        new BulkheadStats(stats, config.scope(), slabs),
        config.exclude().stream()
            .map(match -> new Excluded(RouteMatcher.anySpelling(match.match()), match.method()))
            .toList());
  }
}
