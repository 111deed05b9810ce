package dev.weir.sidecar.config.listener;

import dev.weir.sidecar.config.SocketAddress;
import java.util.List;

/**
 * {@code weir.extensions.filters.listener.instances.v1alpha1.Instances}.
 *
 * @param services the first that has a host is the one that it is of
 */
public record Instances(List<Service> services) {
  public Instances {
    services = List.copyOf(services);
  }

  /**
   * A service whose instances are called by their own addresses.
   *
   * @param clusters of whose hosts these are; at least one
   * @param address by which a chain takes what goes to the service
   */
  public record Service(List<String> clusters, SocketAddress.Ip address) {
    public Service {
      clusters = List.copyOf(clusters);
    }
  }
}
