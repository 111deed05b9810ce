package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.control.model.ObjectName;
import dev.weir.control.model.Port.Protocol;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A VirtualService's {@code tcp} and {@code tls}: TCPRoutes and TLSRoutes of its hosts. A port has
 * one TCPRoute, and a name there one TLSRoute; of Istio's that match the same the first holds, and
 * so it is the first that has a port, or a name there.
 */
final class StreamRoutes {
  private static final String HOSTNAME = "(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?";
  private static final int MOST_PARENTS = 32;

  /** A port of one of the hosts. */
  private record HostPort(ObjectName host, int port) {}

  private final ObjectName route;
  private final List<ObjectName> hosts;
  private final Destinations destinations;
  private final Services services;
  private final Report report;
  private final Output output;
  private final Set<List<Object>> taken;

  /**
   * @param route what the routes are called
   * @param hosts in the route's namespace
   * @param taken ports, and names there, that other routes have
   */
  StreamRoutes(
      ObjectName route,
      List<ObjectName> hosts,
      Destinations destinations,
      Set<List<Object>> taken,
      Services services,
      Report report,
      Output output) {
    this.route = route;
    this.hosts = hosts;
    this.destinations = destinations;
    this.taken = taken;
    this.services = services;
    this.report = report;
    this.output = output;
  }

  void tcp(List<Fields> rules) {
    for (int i = 0; i < rules.size(); i++) {
      Fields rule = rules.get(i);
      List<Fields> matches = rule.maps("match");
      List<HostPort> ports = new ArrayList<>();
      if (matches.isEmpty()) {
        ports.addAll(ports(Optional.empty(), rule));
      }
      for (Fields match : matches) {
        if (narrower(match, "destinationSubnets", "sourceSubnet", "gateways")) {
          continue;
        }
        ports.addAll(ports(match.number("port"), match));
      }
      List<HostPort> free = ports.stream().distinct().filter(this::isFree).toList();
      List<Map<String, Object>> backends = backends(rule);
      if (nothing(rule, free.isEmpty(), backends)) {
        continue;
      }
      write("TCPRoute", rules.size() == 1 ? "" : "-tcp-" + i, free, List.of(), backends);
    }
  }

  private boolean isFree(HostPort port) {
    return taken.add(List.of(port, ""));
  }

  void tls(List<Fields> rules) {
    for (int i = 0; i < rules.size(); i++) {
      Fields rule = rules.get(i);
      Map<HostPort, Set<String>> names = new LinkedHashMap<>();
      for (Fields match : rule.maps("match")) {
        if (!narrower(match, "destinationSubnets", "gateways")) {
          List<String> hostnames = hostnames(match);
          for (HostPort port : ports(match.number("port"), match)) {
            for (String hostname : hostnames) {
              if (taken.add(List.of(port, hostname))) {
                names.computeIfAbsent(port, key -> new LinkedHashSet<>()).add(hostname);
              }
            }
          }
        }
      }
      Map<Set<String>, List<HostPort>> byNames = new LinkedHashMap<>();
      names.forEach(
          (port, some) -> byNames.computeIfAbsent(some, key -> new ArrayList<>()).add(port));
      List<Map<String, Object>> backends = backends(rule);
      if (nothing(rule, byNames.isEmpty(), backends)) {
        continue;
      }
      int part = 0;
      for (Map.Entry<Set<String>, List<HostPort>> each : byNames.entrySet()) {
        String suffix =
            rules.size() == 1 && byNames.size() == 1
                ? ""
                : "-tls-" + i + (part == 0 ? "" : "-" + part);
        write("TLSRoute", suffix, each.getValue(), List.copyOf(each.getKey()), backends);
        part++;
      }
    }
  }

  /** A match that is for some callers or addresses alone is for none here. */
  private static boolean narrower(Fields match, String... fields) {
    boolean narrower = match.has("sourceLabels") || match.has("sourceNamespace");
    match.without("sourceLabels", "a route is the same for all callers; the match is left out");
    match.without("sourceNamespace", "a route is the same for all callers; the match is left out");
    for (String field : fields) {
      if (field.equals("gateways") && match.texts(field).contains("mesh")) {
        continue;
      }
      narrower |= match.has(field);
      match.without(
          field,
          field.equals("gateways")
              ? "Weir has no way in from outside; the match is left out"
              : "a route is for a port, whatever the address; the match is left out");
    }
    if (narrower) {
      match.ignore("port", "sniHosts");
    }
    return narrower;
  }

  private List<String> hostnames(Fields match) {
    List<String> names = new ArrayList<>();
    List<String> written = match.texts("sniHosts");
    for (int i = 0; i < written.size(); i++) {
      String name = written.get(i).toLowerCase(Locale.ROOT);
      if (name.matches(HOSTNAME) && !name.matches("[0-9.]+")) {
        names.add(name);
      } else {
        report.without(
            match.at(),
            match.path().field("sniHosts").index(i),
            "a name is written out, or has *. before it");
      }
    }
    return names;
  }

  /** Those of the hosts that pass bytes; what asks for another is said. */
  private List<HostPort> ports(Optional<Integer> number, Fields at) {
    List<HostPort> ports = new ArrayList<>();
    for (ObjectName host : hosts) {
      List<Services.Port> known = services.ports(host);
      if (known.isEmpty()) {
        report.wrong(
            at.at(),
            at.path(),
            "Service "
                + host
                + " is not among the files, so that it is not known which of its ports"
                + " pass bytes; give them too, as kubectl get services -o yaml writes them");
      }
      boolean found = false;
      for (Services.Port port : known) {
        if (number.isEmpty() || number.get() == port.number()) {
          found |= number.isPresent();
          if (port.protocol() == Protocol.TCP || port.protocol() == Protocol.AUTO) {
            ports.add(new HostPort(host, port.number()));
          } else if (number.isPresent()) {
            report.without(
                at.at(),
                at.path().field("port"),
                "what comes to port %d of Service %s passes as requests, by http"
                    .formatted(number.get(), host));
          }
        }
      }
      if (number.isPresent() && !found && !known.isEmpty()) {
        report.without(
            at.at(),
            at.path().field("port"),
            "%d is no port of Service %s".formatted(number.get(), host));
      }
    }
    return ports;
  }

  /** Whether there is nothing to write. */
  private boolean nothing(Fields rule, boolean forNothing, List<Map<String, Object>> backends) {
    if (forNothing) {
      report.wrong(
          rule.at(),
          rule.path(),
          "is left out: nothing that passes as bytes is left for it by those before it");
    } else if (backends.isEmpty()) {
      report.wrong(
          rule.at(), rule.path(), "is left out: without a backend it would close connections");
    }
    return forNothing || backends.isEmpty();
  }

  private List<Map<String, Object>> backends(Fields rule) {
    List<Map<String, Object>> backends = new ArrayList<>();
    for (Fields written : rule.maps("route")) {
      Optional<Integer> weight = written.number("weight");
      written
          .map("destination")
          .flatMap(destinations::ofConnections)
          .ifPresent(backend -> {
            weight.ifPresent(share -> backend.put("weight", share));
            backends.add(backend);
          });
      written.without("headers", "what passes as bytes has none");
    }
    return backends;
  }

  private void write(
      String kind,
      String suffix,
      List<HostPort> ports,
      List<String> hostnames,
      List<Map<String, Object>> backends) {
    for (List<HostPort> some : Output.parts(ports, MOST_PARENTS)) {
      Map<String, Object> spec = Output.fields("parentRefs", parents(some));
      if (!hostnames.isEmpty()) {
        spec.put("hostnames", hostnames);
      }
      spec.put("rules", List.of(Output.fields("backendRefs", backends)));
      output.add(
          Output.GATEWAY + "/v1",
          kind,
          output.unused(kind, new ObjectName(route.namespace(), Texts.name(route.name() + suffix))),
          spec);
    }
  }

  private static List<Map<String, Object>> parents(List<HostPort> ports) {
    Map<String, Map<String, Object>> parents = new TreeMap<>();
    for (HostPort each : ports) {
      Map<String, Object> parent = Output.service(each.host.name());
      parent.put("port", each.port);
      parents.put(each.host.name() + " %05d".formatted(each.port), parent);
    }
    return List.copyOf(parents.values());
  }
}
