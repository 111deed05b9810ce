package dev.weir.sidecar.up;

import dev.weir.protos.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Services in the order in which they are started. */
final class Order {
  private final Map<String, Service> services = new LinkedHashMap<>();
  private final Set<Service> ordered = new LinkedHashSet<>();

  private Order(List<Service> services) {
    services.forEach(service -> this.services.put(service.name(), service));
  }

  /**
   * Each after those that it depends on.
   *
   * @throws IllegalArgumentException if one is not there, or it goes in a circle
   */
  static List<Service> of(List<Service> services) {
    Order order = new Order(services);
    services.forEach(service -> order.add(service, List.of()));
    return List.copyOf(order.ordered);
  }

  private void add(Service service, List<String> path) {
    List<String> here = new ArrayList<>(path);
    here.add(service.name());
    if (path.contains(service.name())) {
      throw new IllegalArgumentException(
          "depends_on goes in a circle: "
              + String.join(" -> ", here.subList(here.indexOf(service.name()), here.size())));
    }
    if (ordered.contains(service)) {
      return;
    }
    for (String name : service.dependsOn().keySet()) {
      Service needed = services.get(name);
      if (needed == null) {
        throw new IllegalArgumentException(
            "services."
                + service.name()
                + ".depends_on: there is no service "
                + name
                + Nearest.hint(name, services.keySet()));
      }
      add(needed, here);
    }
    ordered.add(service);
  }
}
