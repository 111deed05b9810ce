package dev.weir.control.link;

import dev.weir.control.model.MeshModel;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Policy;
import dev.weir.control.model.Policy.Target;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import java.util.List;
import java.util.stream.Stream;

/** The ports of services that policies are for, of those that have sidecars of their own. */
final class PolicyPorts {
  private final MeshModel model;

  PolicyPorts(MeshModel model) {
    this.model = model;
  }

  List<ServicePort> of(ObjectName policy, Class<? extends Policy.Spec> kind) {
    return model.policies().stream()
        .filter(one -> kind.isInstance(one.policy().spec()) && one.policy().name().equals(policy))
        .flatMap(one -> ports(one.target()))
        .distinct()
        .toList();
  }

  private Stream<ServicePort> ports(Target target) {
    return model.services().values().stream()
        .filter(service -> service.external().isEmpty())
        .filter(service -> isOf(service, target))
        .flatMap(service ->
            service.ports().stream()
                .filter(port -> target.section().isEmpty() || target.section().equals(port.name()))
                .map(port -> new ServicePort(service.name(), port.port())));
  }

  private static boolean isOf(Service service, Target target) {
    return switch (target.kind()) {
      case MESH_CONFIG -> true;
      case NAMESPACE -> service.name().namespace().equals(target.name().namespace());
      case SERVICE -> service.name().equals(target.name());
      case HTTP_ROUTE, GRPC_ROUTE -> false;
    };
  }

  /** Whether what passes there is never HTTP. */
  boolean isTcp(ServicePort port) {
    Service service = model.services().get(port.service());
    return service != null
        && service
            .port(port.port())
            .filter(found -> found.protocol() == Port.Protocol.TCP)
            .isPresent();
  }
}
