package dev.weir.control.compile.xds;

import dev.weir.control.model.AuthorizationSpec;
import dev.weir.control.model.AuthorizationSpec.AccessRule;
import dev.weir.control.model.AuthorizationSpec.Action;
import dev.weir.control.model.CallMatch;
import dev.weir.control.model.ExternalCheck;
import dev.weir.control.model.Mode;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Precedence;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.RBAC;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Who may call a port, as Envoy's RBAC takes it: a list of what is refused, and one of what is
 * taken. Each policy is one of RBAC's, by its name, and each of its rules a principal: what a rule
 * asks of the request stands there too, because the rule's parts hold together.
 */
final class AccessCompiler {
  private final List<Policy<AuthorizationSpec>> policies;
  private final Function<AccessRule, Optional<Principal>> rules;

  /**
   * @param policies on the port
   * @param rules what a rule becomes; empty for what can never be
   */
  AccessCompiler(
      List<Policy<AuthorizationSpec>> policies, Function<AccessRule, Optional<Principal>> rules) {
    this.policies = policies;
    this.rules = rules;
  }

  /** Rules in force, and rules that are only looked at. */
  record Access(Optional<RBAC> enforced, Optional<RBAC> shadow) {
    boolean none() {
      return enforced.isEmpty() && shadow.isEmpty();
    }
  }

  /** What is refused, whoever else says that it may. */
  Access deny() {
    return new Access(
        denied(of(Action.DENY, Mode.ENFORCE).toList()),
        denied(of(Action.DENY, Mode.SHADOW).toList()));
  }

  /** As {@link #deny}, and what a server is to be asked about and cannot be. */
  Access denyUnasked() {
    return new Access(
        denied(
            Stream.concat(
                    of(Action.DENY, Mode.ENFORCE),
                    policies.stream().filter(AccessCompiler::refuses))
                .toList()),
        deny().shadow());
  }

  private static boolean refuses(Policy<AuthorizationSpec> policy) {
    ExternalCheck external = policy.spec().external();
    return external != null && external.onUnavailable() == ExternalCheck.OnUnavailable.REFUSE;
  }

  /** What is taken; nothing where nobody says so. */
  Access allow() {
    List<Policy<AuthorizationSpec>> enforced = of(Action.ALLOW, Mode.ENFORCE).toList();
    List<Policy<AuthorizationSpec>> all =
        policies.stream().filter(policy -> policy.spec().action() == Action.ALLOW).toList();
    return new Access(
        allowed(enforced), all.size() > enforced.size() ? allowed(all) : Optional.empty());
  }

  private Stream<Policy<AuthorizationSpec>> of(Action action, Mode mode) {
    return policies.stream()
        .filter(policy -> policy.spec().action() == action && policy.spec().mode() == mode);
  }

  private Optional<RBAC> denied(List<Policy<AuthorizationSpec>> some) {
    RBAC rbac = rbac(RBAC.Action.DENY, some);
    return rbac.getPoliciesCount() == 0 ? Optional.empty() : Optional.of(rbac);
  }

  /**
   * Each of those that override must take it, and one of the others if there are any. So it is one
   * policy of RBAC's, by the name of the first. The others are there with nobody in them: of a
   * refusal where there are several it is not said which did not take it.
   */
  private Optional<RBAC> allowed(List<Policy<AuthorizationSpec>> some) {
    if (some.isEmpty()) {
      return Optional.empty();
    }
    List<Policy<AuthorizationSpec>> above =
        some.stream().filter(each -> each.spec().precedence() == Precedence.OVERRIDE).toList();
    if (above.isEmpty()) {
      return Optional.of(rbac(RBAC.Action.ALLOW, some));
    }
    List<Policy<AuthorizationSpec>> below = new ArrayList<>(some);
    below.removeAll(above);
    List<Principal> needed = new ArrayList<>();
    for (Policy<AuthorizationSpec> each : above) {
      needed.add(Principals.any(principals(each)));
    }
    if (!below.isEmpty()) {
      needed.add(
          Principals.any(below.stream().flatMap(each -> principals(each).stream()).toList()));
    }
    RBAC.Builder rbac = RBAC.newBuilder().setAction(RBAC.Action.ALLOW);
    some.forEach(each ->
        rbac.putPolicies(each.name().toString(), policy(List.of(Principals.any(List.of())))));
    return Optional.of(
        rbac.putPolicies(
                above.getFirst().name().toString(), policy(List.of(Principals.all(needed))))
            .build());
  }

  private RBAC rbac(RBAC.Action action, List<Policy<AuthorizationSpec>> some) {
    RBAC.Builder rbac = RBAC.newBuilder().setAction(action);
    for (Policy<AuthorizationSpec> each : some) {
      List<Principal> principals = principals(each);
      if (!principals.isEmpty()) {
        rbac.putPolicies(each.name().toString(), policy(principals));
      }
    }
    return rbac.build();
  }

  private List<Principal> principals(Policy<AuthorizationSpec> policy) {
    return policy.spec().rules().stream().flatMap(rule -> rules.apply(rule).stream()).toList();
  }

  static io.envoyproxy.envoy.config.rbac.v3.Policy policy(List<Principal> principals) {
    return io.envoyproxy.envoy.config.rbac.v3.Policy.newBuilder()
        .addPermissions(Permission.newBuilder().setAny(true))
        .addAllPrincipals(principals)
        .build();
  }

  /** Whether {@code match} is one of this port. */
  static boolean ofPort(CallMatch match, int port) {
    return match.ports().isEmpty() || match.ports().contains(port);
  }
}
