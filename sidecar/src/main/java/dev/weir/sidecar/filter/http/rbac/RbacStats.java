package dev.weir.sidecar.filter.http.rbac;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/** {@code http.<stat_prefix>.rbac.*}, as Envoy's. */
public final class RbacStats {
  private final List<StatSlab> slabs;
  private final StatScope scope;
  private final String manager;
  private final String prefix;
  private final String shadowPrefix;
  private boolean open;
  int allowed = Stats.NOWHERE;
  int denied = Stats.NOWHERE;
  int shadowAllowed = Stats.NOWHERE;
  int shadowDenied = Stats.NOWHERE;

  /**
   * @param manager the connection manager's prefix
   * @param slabs by the index of their loop
   */
  public RbacStats(Stats stats, String manager, RbacConfig config, List<StatSlab> slabs) {
    this.slabs = List.copyOf(slabs);
    this.scope = stats.newScope();
    this.manager = manager;
    this.prefix = config.prefix();
    this.shadowPrefix = config.shadowPrefix();
  }

  /** There are rules: until then there is nothing to count, in most chains ever. */
  void open() {
    if (!open) {
      open = true;
      allowed = counter(prefix + "allowed");
      denied = counter(prefix + "denied");
      shadowAllowed = counter(shadowPrefix + "shadow_allowed");
      shadowDenied = counter(shadowPrefix + "shadow_denied");
    }
  }

  private int counter(String name) {
    return scope.counter(
        StatName.of("http", "envoy_http_conn_manager_prefix", manager, "rbac." + name));
  }

  /** No configuration in force has the filter: streams that have it count nowhere. */
  void close() {
    allowed = Stats.NOWHERE;
    denied = Stats.NOWHERE;
    shadowAllowed = Stats.NOWHERE;
    shadowDenied = Stats.NOWHERE;
    scope.close();
  }

  StatSlab slab(int loop) {
    return slabs.get(loop);
  }
}
