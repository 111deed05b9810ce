package dev.weir.control.model;

import java.util.Set;

/**
 * A running instance that registered itself.
 *
 * @param id its node id
 * @param readyPorts the application ports that accept; empty: not ready, or draining
 * @param mtls whether its sidecar has a certificate of the mesh's CA, and takes mutual TLS
 */
public record Workload(
    String id, ObjectName service, String address, Set<Integer> readyPorts, boolean mtls) {
  public Workload {
    readyPorts = Set.copyOf(readyPorts);
  }

  /** One that takes plain text only. */
  public Workload(String id, ObjectName service, String address, Set<Integer> readyPorts) {
    this(id, service, address, readyPorts, false);
  }
}
