package dev.weir.sidecar.member.names;

import java.util.List;
import java.util.Optional;

/**
 * A service of the mesh, and where it is called.
 *
 * @param address a virtual one
 * @param externalName where it leads, out of the mesh; absent: to instances
 */
public record Service(
    String namespace,
    String name,
    String address,
    List<Port> ports,
    Optional<String> externalName) {
  /**
   * @param number where it is called
   * @param target where its instances listen
   */
  public record Port(int number, int target) {}

  public Service {
    ports = List.copyOf(ports);
  }

  /** One of instances. */
  public Service(String namespace, String name, String address, List<Port> ports) {
    this(namespace, name, address, ports, Optional.empty());
  }

  String fullName() {
    return namespace + "/" + name;
  }
}
