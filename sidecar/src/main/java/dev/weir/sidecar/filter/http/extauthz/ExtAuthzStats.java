package dev.weir.sidecar.filter.http.extauthz;

import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import dev.weir.sidecar.stats.Stats;
import java.util.List;

/**
 * {@code http.<stat_prefix>.ext_authz.*}, in Envoy's words, and {@code timeout}: those of {@code
 * error} that had no answer in time.
 */
public final class ExtAuthzStats {
  private final List<StatSlab> slabs;
  private final StatScope scope;
  private final String manager;
  private final String prefix;
  int ok;
  int denied;
  int error;
  int timeout;
  int disabled;
  int failureModeAllowed;
  int invalid;
  int ignoredDynamicMetadata;

  /**
   * @param manager the connection manager's prefix
   * @param prefix {@code stat_prefix}; empty for none
   * @param slabs by the index of their loop
   */
  public ExtAuthzStats(Stats stats, String manager, String prefix, List<StatSlab> slabs) {
    this.slabs = List.copyOf(slabs);
    this.scope = stats.newScope();
    this.manager = manager;
    this.prefix = prefix.isEmpty() ? "ext_authz." : "ext_authz." + prefix + ".";
    this.ok = counter("ok");
    this.denied = counter("denied");
    this.error = counter("error");
    this.timeout = counter("timeout");
    this.disabled = counter("disabled");
    this.failureModeAllowed = counter("failure_mode_allowed");
    this.invalid = counter("invalid");
    this.ignoredDynamicMetadata = counter("ignored_dynamic_metadata");
  }

  private int counter(String name) {
    return scope.counter(
        StatName.of("http", "envoy_http_conn_manager_prefix", manager, prefix + name));
  }

  /** No configuration in force has the filter: streams that have it count nowhere. */
  void close() {
    ok = Stats.NOWHERE;
    denied = Stats.NOWHERE;
    error = Stats.NOWHERE;
    timeout = Stats.NOWHERE;
    disabled = Stats.NOWHERE;
    failureModeAllowed = Stats.NOWHERE;
    invalid = Stats.NOWHERE;
    ignoredDynamicMetadata = Stats.NOWHERE;
    scope.close();
  }

  StatSlab slab(int loop) {
    return slabs.get(loop);
  }
}
