package dev.weir.control.policy;

import dev.weir.control.model.MeshModel;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Services whose selectors say that they have the same pods. */
public final class SharedPods {
  private final MeshModel model;

  /** By one label of their selectors: whoever selects more has it too. */
  private final Map<Label, List<Service>> services = new HashMap<>();

  private record Label(String namespace, String name, String value) {}

  public SharedPods(MeshModel model) {
    this.model = model;
    model.services().values().stream()
        .filter(service -> !service.selector().isEmpty() && service.external().isEmpty())
        .forEach(service -> {
          Map.Entry<String, String> first = new TreeMap<>(service.selector()).firstEntry();
          services
              .computeIfAbsent(
                  label(service, first.getKey(), first.getValue()), key -> new ArrayList<>())
              .add(service);
        });
  }

  private static Label label(Service service, String name, String value) {
    return new Label(service.name().namespace(), name, value);
  }

  /** Ports of other services that are this port of each pod of this port's service. */
  public List<ServicePort> same(ServicePort port) {
    Service service = model.services().get(port.service());
    Optional<Port> own = Optional.ofNullable(service).flatMap(of -> of.port(port.port()));
    if (service == null || own.isEmpty()) {
      return List.of();
    }
    return service.selector().entrySet().stream()
        .flatMap(label ->
            services
                .getOrDefault(label(service, label.getKey(), label.getValue()), List.of())
                .stream())
        .filter(other -> !other.name().equals(service.name()))
        .filter(other -> service.selector().entrySet().containsAll(other.selector().entrySet()))
        .flatMap(other ->
            other.ports().stream()
                .filter(each -> each.targetPort() == own.get().targetPort())
                .map(each -> new ServicePort(other.name(), each.port())))
        .sorted()
        .toList();
  }
}
