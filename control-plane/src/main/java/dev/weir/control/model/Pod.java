package dev.weir.control.model;

import java.util.Map;
import java.util.Optional;

/**
 * An instance that a cluster runs.
 *
 * @param address where it is reached; empty: it has none yet, or the node's
 * @param account the service account that it runs as
 * @param meshed whether a sidecar stands beside its app
 * @param node that it runs on; empty: none yet
 * @param running its containers are ready, and it is to stay: what else is said of it is said of
 *     its node
 */
public record Pod(
    ObjectName name,
    Optional<String> address,
    String account,
    Map<String, String> labels,
    boolean meshed,
    String node,
    boolean running) {
  public Pod {
    labels = Map.copyOf(labels);
  }
}
