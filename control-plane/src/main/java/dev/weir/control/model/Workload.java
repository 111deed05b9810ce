package dev.weir.control.model;

import java.util.Set;

/**
 * A running instance that registered itself.
 *
 * @param id its node id
 * @param readyPorts the application ports that accept; empty: not ready, or draining
 */
public record Workload(String id, ObjectName service, String address, Set<Integer> readyPorts) {
  public Workload {
    readyPorts = Set.copyOf(readyPorts);
  }
}
