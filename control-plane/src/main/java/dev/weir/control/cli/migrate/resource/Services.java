package dev.weir.control.cli.migrate.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Services among the files: hosts are told by them, and ports that nobody has written. */
public final class Services {
  /** One port of a service. */
  public record Port(int number, String name) {}

  private record Known(List<Port> ports, Map<String, String> selector) {}

  private final Map<ObjectName, Known> known = new LinkedHashMap<>();
  private final Report report;

  public Services(Report report) {
    this.report = report;
  }

  public void add(ObjectName name, Fields spec) {
    List<Port> ports = new ArrayList<>();
    for (Fields port : spec.maps("ports")) {
      port.number("port")
          .ifPresent(number -> ports.add(new Port(number, port.text("name").orElse(""))));
    }
    known.put(name, new Known(ports, spec.textTable("selector")));
  }

  /**
   * The service that a host means; empty, and said, if it means none of the mesh.
   *
   * @param namespace of the resource that names it
   */
  public Optional<ObjectName> service(String host, String namespace, Location at, FieldPath path) {
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    String[] parts = name.split("\\.", -1);
    boolean qualified =
        parts.length == 2
            || parts.length == 3 && parts[2].equals("svc")
            || name.matches("[^.]+\\.[^.]+\\.svc\\.cluster\\.local");
    if (name.contains("*") || parts.length > 1 && !qualified) {
      report.without(
          at,
          path,
          "\"" + host + "\" is no service of the mesh; calls to others are passed through");
      return Optional.empty();
    }
    return Optional.of(new ObjectName(parts.length == 1 ? namespace : parts[1], parts[0]));
  }

  public List<Port> ports(ObjectName service) {
    Known found = known.get(service);
    return found == null ? List.of() : found.ports;
  }

  public Map<String, String> selector(ObjectName service) {
    Known found = known.get(service);
    return found == null ? Map.of() : found.selector;
  }

  /** Those of a namespace whose instances all have these labels. */
  public List<ObjectName> selecting(String namespace, Map<String, String> labels) {
    return known.entrySet().stream()
        .filter(each -> each.getKey().namespace().equals(namespace))
        .filter(each -> each.getValue().selector.entrySet().containsAll(labels.entrySet()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** The only port of a service; empty, and said, if it is not to be known. */
  public Optional<Integer> onlyPort(ObjectName service, Location at, FieldPath path) {
    List<Port> ports = ports(service);
    if (ports.size() == 1) {
      return Optional.of(ports.getFirst().number());
    }
    report.wrong(
        at,
        path,
        ports.isEmpty()
            ? "Service "
                + service
                + " is not among the files, so that its port is not known; give"
                + " them too, as kubectl get services -o yaml writes them"
            : "Service " + service + " has several ports; say which one");
    return Optional.empty();
  }
}
