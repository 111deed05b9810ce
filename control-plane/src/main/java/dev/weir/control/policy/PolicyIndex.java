package dev.weir.control.policy;

import dev.weir.control.model.Policy;
import dev.weir.control.model.Policy.Attachment;
import dev.weir.control.model.Policy.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Finds the policies of one kind by what they are for. */
public final class PolicyIndex<S extends Policy.Spec> {
  private final Map<Target, List<Policy<S>>> byTarget = new HashMap<>();

  PolicyIndex(List<Attachment<S>> attachments) {
    for (Attachment<S> attachment : attachments) {
      byTarget
          .computeIfAbsent(attachment.target(), target -> new ArrayList<>())
          .add(attachment.policy());
    }
  }

  /** The section of the first target that has one; {@code targets} are the most specific first. */
  <T> Optional<Held<S, T>> find(List<Target> targets, Function<S, @Nullable T> section) {
    for (Target target : targets) {
      for (Policy<S> policy : byTarget.getOrDefault(target, List.of())) {
        T value = section.apply(policy.spec());
        if (value != null) {
          return Optional.of(new Held<>(policy, target, value));
        }
      }
    }
    return Optional.empty();
  }

  /** Every policy on the targets, those on the most specific first. */
  List<Policy<S>> all(List<Target> targets) {
    return targets.stream()
        .flatMap(target -> byTarget.getOrDefault(target, List.<Policy<S>>of()).stream())
        .toList();
  }

  /** As {@link #all}, with the target of each. */
  List<Policy.Attachment<S>> attached(List<Target> targets) {
    return targets.stream()
        .flatMap(target ->
            byTarget.getOrDefault(target, List.<Policy<S>>of()).stream()
                .map(policy -> new Policy.Attachment<>(policy, target)))
        .toList();
  }

  /** A section, the policy it stands in, and which of that one's targets it holds for. */
  public record Held<S extends Policy.Spec, T>(Policy<S> policy, Target target, T value) {
    /** Whether it is the same section of the same policy, for whichever of its targets. */
    boolean saysAs(Held<S, T> other) {
      return policy.equals(other.policy) && value.equals(other.value);
    }
  }
}
