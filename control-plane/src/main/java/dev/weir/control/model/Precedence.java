package dev.weir.control.model;

import java.util.List;

/** How a policy on a Namespace or the mesh stands to those on what is in it. */
public enum Precedence {
  /** The more specific one holds. */
  DEFAULT,
  /** It holds whatever is said below. */
  OVERRIDE;

  /** A policy can only be above what has something below it. */
  static final String OVERRIDES_NO_SERVICE =
      "self.precedence != 'Override' || self.targetRefs.all(ref, ref.kind != 'Service')";

  static final String OVERRIDE_MESSAGE =
      "Override is for a Namespace or a MeshConfig, not a Service";

  /** What is said of both by themselves. */
  void refuse(List<TargetRef> targets) {
    if (this == OVERRIDE
        && targets.stream().anyMatch(target -> target.kind() == TargetRef.Kind.SERVICE)) {
      throw new IllegalArgumentException(OVERRIDE_MESSAGE);
    }
  }
}
