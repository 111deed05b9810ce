package dev.weir.sidecar.xds;

/**
 * A resource that was not taken; the last good one of its name goes on.
 *
 * @param field the proto path; empty for the resource as a whole
 */
public record Refused(ResourceType type, String name, String field, String reason) {
  /** {@code cluster "inventory": lb_policy: RING_HASH is not supported}. */
  @Override
  public String toString() {
    return type.noun() + " \"" + name + "\": " + (field.isEmpty() ? "" : field + ": ") + reason;
  }
}
