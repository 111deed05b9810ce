package dev.weir.control.policy;

import dev.weir.control.model.ObjectName;

/**
 * A part of what people wrote that holds somewhere.
 *
 * @param section as it is called where it stands: {@code retry}, {@code limits[per-client]}
 * @param kind of the resource it stands in
 * @param name of that resource
 * @param target what that resource says it is for, of what it is here
 * @param shadow whether it decides and does not act
 * @param enforcer who sees to it
 * @param value a record of the model, or a map of what it says
 */
public record Holding(
    String section,
    String kind,
    ObjectName name,
    String target,
    boolean shadow,
    Enforcer enforcer,
    Object value) {
  /** Who sees to what a policy says. */
  public enum Enforcer {
    /** So that it holds against any caller. */
    OWN_SIDECARS,
    CALLERS_SIDECARS
  }

  /** Kind and name: {@code ResiliencePolicy shop/cart}. */
  public String resource() {
    return kind + " " + name;
  }
}
