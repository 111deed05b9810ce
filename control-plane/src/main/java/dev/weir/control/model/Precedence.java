package dev.weir.control.model;

/** How a policy on a Namespace or the mesh stands to those on what is in it. */
public enum Precedence {
  /** The more specific one holds. */
  DEFAULT,
  /** It holds whatever is said below. */
  OVERRIDE
}
