package dev.weir.sidecar.member;

import java.util.List;

/**
 * A service of the mesh, and where it is called.
 *
 * @param address a virtual one
 */
record Service(String namespace, String name, String address, List<Port> ports) {
  /**
   * @param number where it is called
   * @param target where its instances listen
   */
  record Port(int number, int target) {}

  Service {
    ports = List.copyOf(ports);
  }

  String fullName() {
    return namespace + "/" + name;
  }
}
