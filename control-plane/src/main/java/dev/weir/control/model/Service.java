package dev.weir.control.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A core v1 {@code Service}: a name that others call.
 *
 * @param clusterIp the virtual address it was given; absent: the mesh allocates one
 * @param selector the labels of its instances' pods; empty: it says nothing of them
 * @param scope the services that its own sidecars are told of; empty: as the mesh has it
 * @param external where it leads; absent: to instances in the mesh
 * @param sameZone whether callers keep to the instances in their zone while these can take it
 * @param headless its name leads to its instances' own addresses
 */
public record Service(
    ObjectName name,
    Optional<String> clusterIp,
    List<Port> ports,
    Map<String, String> selector,
    List<ServicePattern> scope,
    Optional<ExternalName> external,
    boolean sameZone,
    boolean headless) {
  public Service {
    ports = List.copyOf(ports);
    selector = Map.copyOf(selector);
    scope = List.copyOf(scope);
  }

  /** One that says nothing of its sidecars. */
  public Service(ObjectName name, Optional<String> clusterIp, List<Port> ports) {
    this(name, clusterIp, ports, Map.of(), List.of(), Optional.empty(), false, false);
  }

  /** The same without an address of its own. */
  public Service withoutClusterIp() {
    return new Service(
        name, Optional.empty(), ports, selector, scope, external, sameZone, headless);
  }

  /** The same with other ports. */
  public Service with(List<Port> others) {
    return new Service(name, clusterIp, others, selector, scope, external, sameZone, headless);
  }

  public Optional<Port> port(int number) {
    return ports.stream().filter(port -> port.port() == number).findFirst();
  }
}
