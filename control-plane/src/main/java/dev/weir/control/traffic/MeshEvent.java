package dev.weir.control.traffic;

/**
 * Something that happened in the mesh.
 *
 * @param millis when, since the epoch
 * @param policy which one it is of, namespace/name; empty for none
 * @param service whose calls it is about, namespace/name; empty for none
 * @param instance whose sidecar has told; empty for none
 * @param text for people
 */
public record MeshEvent(
    long millis, Kind kind, String policy, String service, String instance, String text) {
  /** What kind of thing. */
  public enum Kind {
    /** A policy, route or service is another one than before, or new, or gone. */
    EDITED,

    /** A circuit breaker opened, or ejected an instance. */
    OPENED,

    /** A circuit breaker closed again. */
    HEALED,

    /** A sidecar refuses configuration. */
    REFUSED
  }
}
