package dev.weir.control.cli.migrate.resource;

import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port.Protocol;
import dev.weir.control.source.resource.AppProtocols;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import dev.weir.protos.yaml.YamlNode.Mapping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The Services among the files: hosts are told by them, and ports that nobody has written. */
public final class Services {
  private static final String ROUTE_BACKEND = "weir.dev/route-backend";

  /**
   * One port of a service.
   *
   * @param name empty for none
   * @param targetPort of its instances, a number or a name
   * @param appProtocol as it is written, if it is
   */
  public record Port(int number, String name, String targetPort, Optional<String> appProtocol) {
    /** As a Service has it. */
    public Map<String, Object> fields() {
      Map<String, Object> fields = Output.fields();
      if (!name.isEmpty()) {
        fields.put("name", name);
      }
      fields.put("port", number);
      if (!targetPort.equals(Integer.toString(number))) {
        fields.put(
            "targetPort",
            targetPort.matches("[0-9]{1,5}") ? Integer.valueOf(targetPort) : targetPort);
      }
      appProtocol.ifPresent(word -> fields.put("appProtocol", word));
      return fields;
    }

    /** What is spoken there. */
    public Protocol protocol() {
      return AppProtocols.of(appProtocol, name);
    }
  }

  /**
   * A service.
   *
   * @param outside it leads out of the mesh
   * @param routeBackend a route may lead to it
   */
  private record Known(
      List<Port> ports, Map<String, String> selector, boolean outside, boolean routeBackend) {}

  private final Map<ObjectName, Known> known = new LinkedHashMap<>();
  private final Map<String, ObjectName> outside = new LinkedHashMap<>();
  private final Workloads workloads = new Workloads();
  private final Report report;

  public Services(Report report) {
    this.report = report;
  }

  /** Takes one of the files. */
  public void add(ObjectName name, Fields metadata, Fields spec) {
    List<Port> ports = new ArrayList<>();
    for (Fields port : spec.maps("ports")) {
      Optional<Integer> number = port.number("port");
      if (number.isPresent() && port.text("protocol").orElse("TCP").equals("TCP")) {
        ports.add(
            new Port(
                number.get(),
                port.text("name").orElse(""),
                port.text("targetPort").orElse(number.get().toString()),
                port.text("appProtocol")));
      }
    }
    boolean external = spec.text("type").filter("ExternalName"::equals).isPresent();
    boolean backend =
        metadata.textTable("annotations").getOrDefault(ROUTE_BACKEND, "").equals("allowed");
    known.put(name, new Known(ports, spec.textTable("selector"), external, !external || backend));
  }

  /** Takes what makes pods, if {@code document} does. */
  public void addPods(String kind, ObjectName name, Mapping document) {
    workloads.add(kind, name, document);
  }

  /** Whether {@code document} makes pods that have ports by the names that Services call. */
  public boolean hasNamesOfPorts(Mapping document) {
    return known.entrySet().stream()
        .anyMatch(each ->
            each.getValue().ports.stream()
                .flatMap(port ->
                    workloads
                        .naming(
                            each.getKey().namespace(), each.getValue().selector, port.targetPort())
                        .stream())
                .anyMatch(document::equals));
  }

  /** Takes one that is made for a host outside of the mesh. */
  public void addOutside(String host, ObjectName name, List<Port> ports, boolean external) {
    outside.put(host.toLowerCase(Locale.ROOT), name);
    known.put(name, new Known(ports, Map.of(), external, true));
  }

  /** The one that was made for a host outside of the mesh. */
  public Optional<ObjectName> outside(String host) {
    String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    return Optional.ofNullable(outside.get(name.toLowerCase(Locale.ROOT)));
  }

  /**
   * The service that a host means; empty, and said, if it means none of the mesh.
   *
   * @param namespace of the resource that names it
   */
  public Optional<ObjectName> service(String host, String namespace, Location at, FieldPath path) {
    Optional<ObjectName> made = outside(host);
    if (made.isPresent()) {
      return made;
    }
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

  /** Whether it is known to lead out of the mesh, so that it has no sidecar. */
  public boolean isOutside(ObjectName service) {
    Known found = known.get(service);
    return found != null && found.outside;
  }

  /** Whether a route may lead to it, as far as that is known. */
  public boolean isBackend(ObjectName service) {
    Known found = known.get(service);
    return found == null || found.routeBackend;
  }

  /** Those of the mesh, of one namespace or of all. */
  public List<ObjectName> inMesh(Optional<String> namespace) {
    return known.keySet().stream()
        .filter(name -> namespace.isEmpty() || name.namespace().equals(namespace.get()))
        .filter(name -> !isOutside(name))
        .toList();
  }

  /** Those whose instances have these labels, of one namespace or of all. */
  public Selection selecting(Optional<String> namespace, Map<String, String> labels) {
    List<ObjectName> whole = new ArrayList<>();
    List<ObjectName> part = new ArrayList<>();
    List<ObjectName> unknown = new ArrayList<>();
    for (ObjectName service : inMesh(namespace)) {
      Map<String, String> selector = selector(service);
      if (selector.isEmpty()) {
        continue;
      }
      List<Map<String, String>> pods = workloads.selected(service.namespace(), selector);
      List<Map<String, String>> seen = pods.isEmpty() ? List.of(selector) : pods;
      long having = seen.stream().filter(each -> has(each, labels)).count();
      if (having == seen.size()) {
        whole.add(service);
      } else if (having > 0) {
        part.add(service);
      } else if (pods.isEmpty() && mayHave(selector, labels)) {
        (labels.keySet().stream().anyMatch(selector::containsKey) ? part : unknown).add(service);
      }
    }
    return new Selection(whole, part, unknown);
  }

  private static boolean has(Map<String, String> all, Map<String, String> labels) {
    return all.entrySet().containsAll(labels.entrySet());
  }

  private static boolean mayHave(Map<String, String> selector, Map<String, String> labels) {
    return labels.entrySet().stream()
        .allMatch(label ->
            label.getValue().equals(selector.getOrDefault(label.getKey(), label.getValue())));
  }

  /** The port of its instances that a port of a service leads to; empty: it is not known. */
  public OptionalInt target(ObjectName service, Port port) {
    return port.targetPort().matches("[0-9]{1,5}")
        ? OptionalInt.of(Integer.parseInt(port.targetPort()))
        : workloads.port(service.namespace(), selector(service), port.targetPort());
  }

  /**
   * The port of a service that leads to a port of its instances; of several the first, by which
   * calls are known there.
   */
  public Optional<Port> leadingTo(ObjectName service, int instancePort) {
    return ports(service).stream()
        .filter(port -> target(service, port).orElse(0) == instancePort)
        .findFirst();
  }

  /** The same for a port of instances that may be called by its name. */
  public Optional<Port> leadingTo(ObjectName service, String instancePort) {
    if (instancePort.matches("[0-9]{1,5}")) {
      return leadingTo(service, Integer.parseInt(instancePort));
    }
    OptionalInt number = workloads.port(service.namespace(), selector(service), instancePort);
    return number.isPresent()
        ? leadingTo(service, number.getAsInt())
        : ports(service).stream()
            .filter(port -> port.targetPort().equals(instancePort))
            .findFirst();
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
