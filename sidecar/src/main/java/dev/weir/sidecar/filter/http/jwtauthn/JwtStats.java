package dev.weir.sidecar.filter.http.jwtauthn;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/** {@code http.<stat_prefix>.jwt_authn.*}, as Envoy's. */
public final class JwtStats {
  private final List<StatSlab> slabs;
  private final StatScope scope;
  private final String manager;
  private final String prefix;
  int allowed = Stats.NOWHERE;
  int denied = Stats.NOWHERE;
  int preflights = Stats.NOWHERE;

  /**
   * @param manager the connection manager's prefix
   * @param prefix {@code stat_prefix}; empty for none
   * @param slabs by the index of their loop
   */
  public JwtStats(Stats stats, String manager, String prefix, List<StatSlab> slabs) {
    this.slabs = List.copyOf(slabs);
    this.scope = stats.newScope();
    this.manager = manager;
    this.prefix = prefix;
  }

  /** There is something to count. */
  void open() {
    allowed = counter("allowed");
    denied = counter("denied");
    preflights = counter("cors_preflight_bypassed");
  }

  private int counter(String name) {
    String middle = prefix.isEmpty() ? "jwt_authn." : "jwt_authn." + prefix + ".";
    return scope.counter(
        StatName.of("http", "envoy_http_conn_manager_prefix", manager, middle + name));
  }

  /** No configuration in force has the filter: streams that have it count nowhere. */
  void close() {
    allowed = Stats.NOWHERE;
    denied = Stats.NOWHERE;
    preflights = Stats.NOWHERE;
    scope.close();
  }

  StatSlab slab(int loop) {
    return slabs.get(loop);
  }
}
