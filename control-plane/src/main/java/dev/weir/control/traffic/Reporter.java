package dev.weir.control.traffic;

/** Whose sidecar has counted. */
public enum Reporter {
  SOURCE,
  DESTINATION
}
