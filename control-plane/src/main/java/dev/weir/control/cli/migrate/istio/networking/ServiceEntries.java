package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.AccessPolicy;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.control.model.Addresses;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Istio's ServiceEntry: a Service for each of its hosts, of type ExternalName where names are
 * looked up, and with an EndpointSlice where addresses are written.
 */
public final class ServiceEntries {
  private static final String PASSED =
      "calls to other hosts are passed through, unless a MeshConfig says outbound: Registered";

  /** What is spoken, in the words of {@code appProtocol}. */
  private static final Map<String, String> PROTOCOLS =
      Map.ofEntries(
          Map.entry("GRPC", "grpc"),
          Map.entry("HTTP", "http"),
          Map.entry("HTTP2", "http2"),
          Map.entry("HTTPS", "https"),
          Map.entry("MONGO", "mongo"),
          Map.entry("MYSQL", "mysql"),
          Map.entry("REDIS", "redis"),
          Map.entry("TCP", "tcp"),
          Map.entry("TLS", "tls"));

  private static final String DNS_NAME = "[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?";

  /**
   * A Service that is to be written.
   *
   * @param externalName where it leads; empty: to its endpoints
   */
  private record Made(
      ObjectName name,
      Optional<String> externalName,
      List<Services.Port> ports,
      List<Fields> endpoints) {}

  private final Services services;
  private final Report report;
  private final Output output;
  private final List<Made> made = new ArrayList<>();
  private final Set<ObjectName> backends = new HashSet<>();
  private final Map<ObjectName, List<String>> subjects = new HashMap<>();

  public ServiceEntries(Services services, Report report, Output output) {
    this.services = services;
    this.report = report;
    this.output = output;
  }

  /** Takes one, so that its hosts are known. */
  public void add(ObjectName name, Fields spec) {
    ExportTo.check(spec);
    if (spec.text("location").filter("MESH_INTERNAL"::equals).isPresent()) {
      spec.note("location", "what has no sidecar of Weir's is called in plain text");
    }
    spec.without("addresses", "the Service has an address of the mesh, which its name leads to");
    spec.without("workloadSelector", "write a Service with a selector");
    List<Services.Port> ports = ports(spec);
    List<Fields> endpoints = spec.maps("endpoints");
    List<String> names = spec.texts("subjectAltNames");
    String resolution = spec.text("resolution").orElse("NONE");
    List<String> hosts = spec.texts("hosts");
    for (int i = 0; i < hosts.size(); i++) {
      String host = hosts.get(i).toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
      String why = wrong(host, resolution, endpoints, ports);
      if (!why.isEmpty()) {
        report.without(spec.at(), spec.path().field("hosts").index(i), why);
        continue;
      }
      boolean external = !resolution.equals("STATIC");
      Optional<String> leadsTo =
          external
              ? Optional.of(endpoints.isEmpty() ? host : address(endpoints))
              : Optional.empty();
      ObjectName service =
          output.unused("Service", new ObjectName(name.namespace(), Texts.name(host)));
      List<Services.Port> leading =
          external && !endpoints.isEmpty()
              ? ports.stream().map(port -> leading(port, endpoints.getFirst())).toList()
              : ports;
      services.addOutside(host, service, leading, external);
      subjects.put(service, names);
      made.add(new Made(service, leadsTo, leading, external ? List.of() : endpoints));
      report.note(
          spec.at(),
          spec.path().field("hosts").index(i),
          "becomes Service %s, which is called by that name; calls to %s itself pass by it"
              .formatted(service, host));
      leadsTo
          .filter(other -> !other.equals(host))
          .ifPresent(other ->
              report.note(
                  spec.at(),
                  spec.path().field("endpoints"),
                  "requests have %s as their host, and not %s".formatted(other, host)));
    }
    endpoints.forEach(endpoint -> endpoint(endpoint, resolution.equals("STATIC")));
    spec.reportUnread();
  }

  /** The same, where an endpoint has it. */
  private static Services.Port leading(Services.Port port, Fields endpoint) {
    return new Services.Port(
        port.number(), port.name(), Integer.toString(port(endpoint, port)), port.appProtocol());
  }

  /** The port of an endpoint that a port of the service leads to. */
  private static int port(Fields endpoint, Services.Port port) {
    Optional<Fields> own = endpoint.map("ports");
    return own.stream()
        .flatMap(ports -> ports.names().stream())
        .filter(name -> Texts.name(name).equals(port.name()))
        .findFirst()
        .flatMap(name -> own.orElseThrow().number(name))
        .orElse(Integer.valueOf(port.targetPort()));
  }

  private static String address(List<Fields> endpoints) {
    return endpoints.getFirst().text("address").orElse("").toLowerCase(Locale.ROOT);
  }

  /** Why a host has no counterpart; empty if it has. */
  private String wrong(
      String host, String resolution, List<Fields> endpoints, List<Services.Port> ports) {
    if (host.contains("*") || !host.matches(DNS_NAME) || Addresses.isIpv4(host)) {
      return "a Service is for one name; " + PASSED;
    }
    if (ports.isEmpty()) {
      return "a Service has ports";
    }
    if (services.outside(host).isPresent()) {
      return "another ServiceEntry has that host already; write their ports in one";
    }
    List<String> addresses =
        endpoints.stream().map(endpoint -> endpoint.text("address").orElse("")).toList();
    return switch (resolution) {
      case "DNS", "DNS_ROUND_ROBIN" ->
          endpoints.size() > 1
                  || addresses.stream()
                      .anyMatch(each -> Addresses.isIpv4(each) || !each.matches(DNS_NAME))
              ? "a Service of type ExternalName leads to one name in DNS"
              : "";
      case "STATIC" ->
          endpoints.isEmpty() || !addresses.stream().allMatch(Addresses::isIpv4)
              ? "without IPv4 addresses in its endpoints there is nowhere to call"
              : "";
      default -> PASSED;
    };
  }

  private List<Services.Port> ports(Fields spec) {
    List<Services.Port> ports = new ArrayList<>();
    for (Fields port : spec.maps("ports")) {
      Optional<Integer> number = port.number("number");
      String protocol = port.text("protocol").orElse("").toUpperCase(Locale.ROOT);
      Optional<Integer> target = port.number("targetPort");
      String name = port.text("name").orElse("");
      if (number.isEmpty()) {
        report.wrong(port.at(), port.path().field("number"), "is required");
        continue;
      }
      Optional<String> spoken = Optional.ofNullable(PROTOCOLS.get(protocol));
      if (spoken.isEmpty() && !protocol.isEmpty()) {
        port.without("protocol", "it is looked at what is spoken");
      }
      ports.add(
          new Services.Port(
              number.get(),
              name.isEmpty() ? "" : Texts.name(name),
              target.orElse(number.get()).toString(),
              spoken));
    }
    return ports;
  }

  private static void endpoint(Fields endpoint, boolean fixed) {
    endpoint.ignore("address", "ports");
    if (fixed) {
      endpoint.ignore("locality");
    }
    endpoint.without("weight", "calls go to the instance with the fewest under way");
    endpoint.without("serviceAccount", "what has no sidecar is called in plain text");
    endpoint.without("labels", "it is chosen by its Service alone");
    endpoint.without("network", "all of it is one network");
  }

  /** A route leads to it, which such a Service has to allow. */
  void isBackend(ObjectName service) {
    backends.add(service);
  }

  /** The names that its certificate may have. */
  List<String> subjects(ObjectName service) {
    return subjects.getOrDefault(service, List.of());
  }

  /** All that were added, once nothing more can lead to them. */
  public void write() {
    for (Made one : made) {
      Map<String, Object> metadata =
          Output.fields("name", one.name.name(), "namespace", one.name.namespace());
      if (one.externalName.isPresent() && backends.contains(one.name)) {
        metadata.put("annotations", Output.fields("weir.dev/route-backend", "allowed"));
      }
      Map<String, Object> spec = Output.fields();
      one.externalName.ifPresent(name -> {
        spec.put("type", "ExternalName");
        spec.put("externalName", name);
      });
      spec.put("ports", one.ports.stream().map(Services.Port::fields).toList());
      output.addWhole("v1", "Service", metadata, Output.fields("spec", spec));
      slices(one);
    }
  }

  /** One for all endpoints that have the same ports. */
  private void slices(Made one) {
    Map<List<Map<String, Object>>, List<Map<String, Object>>> byPorts = new LinkedHashMap<>();
    for (Fields endpoint : one.endpoints) {
      List<Map<String, Object>> ports = new ArrayList<>();
      for (Services.Port port : one.ports) {
        Map<String, Object> fields = Output.fields();
        if (!port.name().isEmpty()) {
          fields.put("name", port.name());
        }
        fields.put("port", port(endpoint, port));
        ports.add(fields);
      }
      Map<String, Object> written =
          Output.fields("addresses", List.of(endpoint.text("address").orElse("")));
      String[] locality = endpoint.text("locality").orElse("").split("/", -1);
      if (locality.length > 1) {
        written.put("zone", locality[1]);
      }
      byPorts.computeIfAbsent(ports, key -> new ArrayList<>()).add(written);
    }
    byPorts.forEach((ports, endpoints) -> {
      ObjectName name = output.unused("EndpointSlice", one.name);
      Map<String, Object> rest = Output.fields("addressType", "IPv4");
      AccessPolicy.put(rest, "endpoints", endpoints);
      AccessPolicy.put(rest, "ports", ports);
      output.addWhole(
          "discovery.k8s.io/v1",
          "EndpointSlice",
          Output.fields(
              "name",
              name.name(),
              "namespace",
              name.namespace(),
              "labels",
              Output.fields("kubernetes.io/service-name", one.name.name())),
          rest);
    });
  }
}
