package dev.weir.control.model;

/** Whether a policy acts. */
public enum Mode {
  ENFORCE,
  /** Decide, count, log; do not act. */
  SHADOW
}
