package dev.weir.control.admin;

import dev.weir.control.compile.Mesh;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;

/** The services: names, virtual addresses, ports, instances. Also what name resolution needs. */
public final class ServicesPage {
  private ServicesPage() {}

  /**
   * Any thread.
   *
   * @param endpoints the ready ones
   */
  public static List<Map<String, Object>> of(
      Mesh mesh, SortedMap<ServicePort, SortedSet<Endpoint>> endpoints) {
    return mesh.model().services().values().stream()
        .map(service -> fields(mesh, service, endpoints))
        .toList();
  }

  private static Map<String, Object> fields(
      Mesh mesh, Service service, SortedMap<ServicePort, SortedSet<Endpoint>> endpoints) {
    ObjectName name = service.name();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("namespace", name.namespace());
    fields.put("name", name.name());
    fields.put("address", String.valueOf(mesh.addresses().get(name)));
    service.external().ifPresent(leads -> fields.put("externalName", leads.name()));
    fields.put(
        "ports", service.ports().stream().map(port -> fields(name, port, endpoints)).toList());
    return fields;
  }

  private static Map<String, Object> fields(
      ObjectName name, Port port, SortedMap<ServicePort, SortedSet<Endpoint>> endpoints) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", port.name());
    fields.put("port", port.port());
    fields.put("targetPort", port.targetPort());
    fields.put("protocol", port.protocol().name().toLowerCase(Locale.ROOT));
    fields.put(
        "endpoints",
        endpoints
            .getOrDefault(new ServicePort(name, port.port()), Collections.emptySortedSet())
            .stream()
            .map(ServicesPage::text)
            .toList());
    return fields;
  }

  private static String text(Endpoint endpoint) {
    return endpoint.address() + ":" + endpoint.port();
  }
}
