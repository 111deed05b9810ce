package dev.weir.control.model;

import java.util.List;
import java.util.Optional;

/**
 * A core v1 {@code Service}: a name that others call.
 *
 * @param clusterIp the virtual address it was given; absent: the mesh allocates one
 */
public record Service(ObjectName name, Optional<String> clusterIp, List<Port> ports) {
  public Service {
    ports = List.copyOf(ports);
  }

  public Optional<Port> port(int number) {
    return ports.stream().filter(port -> port.port() == number).findFirst();
  }
}
