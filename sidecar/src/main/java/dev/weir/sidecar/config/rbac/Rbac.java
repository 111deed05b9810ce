package dev.weir.sidecar.config.rbac;

import java.util.List;

/**
 * {@code config.rbac.v3.RBAC}.
 *
 * @param policies in the order of their names; those of which one matches decide
 */
public record Rbac(Action action, List<Policy> policies) {
  public Rbac {
    policies = List.copyOf(policies);
  }

  /** What becomes of what a policy matches; ALLOW refuses what none does. */
  public enum Action {
    ALLOW,
    DENY,
    LOG
  }

  /**
   * @param permissions what is done: one of them must hold
   * @param principals by whom: one of them must hold
   */
  public record Policy(String name, List<Condition> permissions, List<Condition> principals) {
    public Policy {
      permissions = List.copyOf(permissions);
      principals = List.copyOf(principals);
    }
  }
}
