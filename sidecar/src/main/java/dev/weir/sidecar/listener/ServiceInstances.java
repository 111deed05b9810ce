package dev.weir.sidecar.listener;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.listener.Instances;
import dev.weir.sidecar.http.CalledService;
import dev.weir.sidecar.runtime.SocketAddresses;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Services whose instances are called by their own addresses. Immutable. */
final class ServiceInstances {
  private final List<CalledService> services;

  ServiceInstances(Optional<Instances> config) {
    this.services =
        config.stream()
            .flatMap(of -> of.services().stream())
            .map(one ->
                new CalledService(
                    (InetSocketAddress) SocketAddresses.of(one.address()), one.clusters()))
            .toList();
  }

  boolean isEmpty() {
    return services.isEmpty();
  }

  /** The first service that has an instance at {@code to}; null: none has. */
  @Nullable CalledService serviceOf(SocketAddress to, ClusterManager clusters) {
    for (CalledService service : services) {
      LiveCluster cluster = clusters.get(service.clusters().getFirst());
      if (cluster != null && cluster.hostAt(to) != null) {
        return service;
      }
    }
    return null;
  }
}
