package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.NetworkRbac;
import dev.weir.sidecar.rbac.Call;
import dev.weir.sidecar.rbac.Rules;
import dev.weir.sidecar.stats.StatName;
import dev.weir.sidecar.stats.StatScope;
import dev.weir.sidecar.stats.StatSlab;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who may connect to a chain. Any thread.
 * https://www.envoyproxy.io/docs/envoy/v1.34.0/configuration/listeners/network_filters/rbac_filter
 */
final class Access {
  private record Guard(
      @Nullable Rules rules,
      @Nullable Rules shadow,
      int allowed,
      int denied,
      int shadowAllowed,
      int shadowDenied) {}

  private final List<NetworkRbac> config;
  private final List<Guard> guards;

  Access(List<NetworkRbac> config, StatScope scope) {
    this.config = config;
    this.guards = config.stream().map(each -> guard(each, scope)).toList();
  }

  private static Guard guard(NetworkRbac config, StatScope scope) {
    String prefix = config.statPrefix() + ".rbac";
    return new Guard(
        config.rules().map(Rules::new).orElse(null),
        config.shadow().map(Rules::new).orElse(null),
        scope.counter(StatName.of(prefix, "", "", "allowed")),
        scope.counter(StatName.of(prefix, "", "", "denied")),
        scope.counter(StatName.of(prefix, "", "", config.shadowPrefix() + "shadow_allowed")),
        scope.counter(StatName.of(prefix, "", "", config.shadowPrefix() + "shadow_denied")));
  }

  boolean isOf(List<NetworkRbac> other) {
    return config.equals(other);
  }

  boolean takesAll() {
    return guards.isEmpty();
  }

  /** Why a connection is refused; null for not. What is asked in shadow is counted. */
  @Nullable String refusal(Call call, StatSlab slab) {
    for (Guard guard : guards) {
      if (guard.shadow != null) {
        slab.inc(guard.shadow.decide(call).allowed() ? guard.shadowAllowed : guard.shadowDenied);
      }
      if (guard.rules != null) {
        Rules.Decision decision = guard.rules.decide(call);
        slab.inc(decision.allowed() ? guard.allowed : guard.denied);
        if (!decision.allowed()) {
          return decision.policy() == null
              ? "forbidden: no policy of " + guard.rules.names() + " allows it"
              : "forbidden by " + decision.policy();
        }
      }
    }
    return null;
  }
}
