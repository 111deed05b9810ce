package dev.weir.sidecar.rbac;

import dev.weir.sidecar.config.rbac.Rbac;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Compiled {@link Rbac}. Immutable; any thread. */
public final class Rules {
  private record Policy(String name, Predicate<Call> holds) {}

  private final Rbac.Action action;
  private final Policy[] policies;
  private final List<String> names;

  public Rules(Rbac config) {
    this.action = config.action();
    Conditions conditions = new Conditions(config.action() == Rbac.Action.DENY);
    this.policies =
        config.policies().stream()
            .map(policy ->
                new Policy(
                    policy.name(),
                    conditions.any(policy.permissions()).and(conditions.any(policy.principals()))))
            .toArray(Policy[]::new);
    this.names = config.policies().stream().map(policy -> policy.name()).toList();
  }

  /**
   * What was decided.
   *
   * @param policy the one that matched; null for none
   */
  public record Decision(boolean allowed, @Nullable String policy) {}

  public Decision decide(Call call) {
    String matched = null;
    for (Policy policy : policies) {
      if (policy.holds.test(call)) {
        matched = policy.name;
        break;
      }
    }
    return new Decision(
        switch (action) {
          case ALLOW -> matched != null;
          case DENY -> matched == null;
          case LOG -> true;
        },
        matched);
  }

  /** The policies' names, for a refusal that none of them made. */
  public List<String> names() {
    return names;
  }
}
