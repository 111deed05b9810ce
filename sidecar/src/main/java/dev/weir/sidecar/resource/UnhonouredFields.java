package dev.weir.sidecar.resource;

import dev.weir.protos.honoured.Unhonoured;
import java.util.List;

/**
 * Told of the fields that a resource sets and the sidecar does not honour; not again for the same
 * fields of the same resource. Control thread.
 */
public interface UnhonouredFields {
  /**
   * @param resource its kind and name, {@code cluster "inventory"}
   */
  void report(String resource, List<Unhonoured> fields);
}
