package dev.weir.sidecar.listener;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.listener.Instances;
import dev.weir.sidecar.runtime.SocketAddresses;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Services whose instances are called by their own addresses. Immutable. */
final class ServiceInstances {
  private record Service(String cluster, InetSocketAddress address) {
    static Service of(Instances.Service config) {
      return new Service(
          config.cluster(), (InetSocketAddress) SocketAddresses.of(config.address()));
    }
  }

  private final List<Service> services;

  ServiceInstances(Optional<Instances> config) {
    this.services = config.stream().flatMap(of -> of.services().stream()).map(Service::of).toList();
  }

  boolean isEmpty() {
    return services.isEmpty();
  }

  /** Where the first service is that has an instance at {@code to}; null: none has. */
  @Nullable InetSocketAddress serviceOf(SocketAddress to, ClusterManager clusters) {
    for (Service service : services) {
      LiveCluster cluster = clusters.get(service.cluster());
      if (cluster != null && cluster.hostAt(to) != null) {
        return service.address();
      }
    }
    return null;
  }
}
