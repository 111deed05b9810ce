package dev.weir.sidecar.filter.http.cors;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/** {@code http.<stat_prefix>.cors.*}, as Envoy's. */
public final class CorsStats {
  private final List<StatSlab> slabs;
  private final StatScope scope;
  private final String prefix;
  private boolean open;
  int valid = Stats.NOWHERE;
  int invalid = Stats.NOWHERE;

  /**
   * @param prefix of the connection manager
   * @param slabs by the index of their loop
   */
  public CorsStats(Stats stats, String prefix, List<StatSlab> slabs) {
    this.slabs = List.copyOf(slabs);
    this.scope = stats.newScope();
    this.prefix = prefix;
  }

  /** A route has a policy: until then there is nothing to count, in most chains ever. */
  void open() {
    if (!open) {
      open = true;
      valid = counter("cors.origin_valid");
      invalid = counter("cors.origin_invalid");
    }
  }

  private int counter(String name) {
    return scope.counter(StatName.of("http", "envoy_http_conn_manager_prefix", prefix, name));
  }

  /** No configuration in force has the filter: streams that have it count nowhere. */
  void close() {
    valid = Stats.NOWHERE;
    invalid = Stats.NOWHERE;
    scope.close();
  }

  StatSlab slab(int loop) {
    return slabs.get(loop);
  }
}
