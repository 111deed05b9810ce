package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.listener.NetworkRbac;
import dev.weir.sidecar.http.Cause;
import dev.weir.sidecar.http.StreamInfo;
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
  private static final String METADATA = "envoy.filters.network.rbac";

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

  /**
   * Why a connection is refused.
   *
   * @param policy the one that denies, or the only one that could have allowed it; else empty
   * @param details in Envoy's words
   */
  record Refusal(String policy, String details, String words) {
    Cause cause() {
      return new Cause("forbidden", policy, "", 0);
    }

    private static Refusal of(Rules.Decision decision, List<String> names) {
      String policy = decision.policy();
      return policy == null
          ? new Refusal(
              names.size() == 1 ? names.getFirst() : "",
              details("none"),
              "forbidden: no policy of " + names + " allows it")
          : new Refusal(policy, details(policy.replace(' ', '_')), "forbidden by " + policy);
    }

    private static String details(String policy) {
      return "rbac_access_denied_matched_policy[" + policy + "]";
    }
  }

  /**
   * What the rules in shadow say of a connection that goes on: in its line, and as Envoy's dynamic
   * metadata.
   */
  void note(Call call, StreamInfo info) {
    for (int i = 0; i < guards.size(); i++) {
      Rules shadow = guards.get(i).shadow;
      if (shadow == null) {
        continue;
      }
      Rules.Decision decision = shadow.decide(call);
      String prefix = config.get(i).shadowPrefix();
      if (decision.policy() != null) {
        info.metadata().put(METADATA, prefix + "shadow_effective_policy_id", decision.policy());
      }
      info.metadata()
          .put(
              METADATA, prefix + "shadow_engine_result", decision.allowed() ? "allowed" : "denied");
      if (!decision.allowed()) {
        info.wouldRefuse(Refusal.of(decision, shadow.names()).cause());
      }
    }
  }

  /** Null for one that is not. What is asked in shadow is counted. */
  @Nullable Refusal refusal(Call call, StatSlab slab) {
    for (Guard guard : guards) {
      if (guard.shadow != null) {
        slab.inc(guard.shadow.decide(call).allowed() ? guard.shadowAllowed : guard.shadowDenied);
      }
      if (guard.rules != null) {
        Rules.Decision decision = guard.rules.decide(call);
        slab.inc(decision.allowed() ? guard.allowed : guard.denied);
        if (!decision.allowed()) {
          return Refusal.of(decision, guard.rules.names());
        }
      }
    }
    return null;
  }
}
