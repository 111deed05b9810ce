package dev.weir.sidecar.config.bootstrap;

import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.Listener;
import java.util.List;
import java.util.Optional;

/** An Envoy v3 bootstrap as far as it is honoured. */
public record Bootstrap(
    Node node,
    Optional<Admin> admin,
    List<Listener> listeners,
    List<Cluster> clusters,
    Optional<DynamicResources> dynamicResources) {
  public Bootstrap {
    listeners = List.copyOf(listeners);
    clusters = List.copyOf(clusters);
  }

  public record Admin(SocketAddress address) {}
}
