package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Istio's VirtualService: an HTTPRoute, and a ResiliencePolicy for each rule that retries;
 * TCPRoutes and TLSRoutes.
 */
public final class VirtualServices {
  private final Services services;
  private final ServiceEntries entries;
  private final Report report;
  private final Output output;

  /** Ports of which, and names there of which, it is said where connections go. */
  private final Set<List<Object>> taken = new HashSet<>();

  public VirtualServices(Services services, ServiceEntries entries, Report report, Output output) {
    this.services = services;
    this.entries = entries;
    this.report = report;
    this.output = output;
  }

  public void translate(ObjectName name, Fields spec) {
    ExportTo.check(spec);
    if (!ofTheMesh(spec)) {
      spec.ignore("hosts", "http", "tcp", "tls");
      return;
    }
    List<ObjectName> hosts = hosts(name, spec);
    if (hosts.isEmpty()) {
      spec.ignore("http", "tcp", "tls");
      return;
    }
    ObjectName route = new ObjectName(hosts.getFirst().namespace(), name.name());
    Destinations destinations =
        new Destinations(services, entries, route.namespace(), name.namespace(), report);
    http(route, hosts, destinations, spec);
    StreamRoutes streams =
        new StreamRoutes(route, hosts, destinations, taken, services, report, output);
    streams.tcp(spec.maps("tcp"));
    streams.tls(spec.maps("tls"));
  }

  private void http(
      ObjectName wanted, List<ObjectName> hosts, Destinations destinations, Fields spec) {
    List<VirtualServiceRule> rules = new ArrayList<>();
    List<Fields> written = spec.maps("http");
    for (int i = 0; i < written.size(); i++) {
      VirtualServiceRule rule = new VirtualServiceRule(written.get(i), i, destinations, report);
      rule.read();
      rules.add(rule);
    }
    new RuleOrder(report).check(rules);
    List<Map<String, Object>> made = rules.stream().flatMap(rule -> rule.rules().stream()).toList();
    ObjectName route = made.isEmpty() ? wanted : output.unused("HTTPRoute", wanted);
    if (!made.isEmpty()) {
      output.add(
          Output.GATEWAY + "/v1",
          "HTTPRoute",
          route,
          Output.fields(
              "parentRefs",
              hosts.stream().map(host -> Output.service(host.name())).toList(),
              "rules",
              made));
    }
    rules.forEach(rule -> retries(route, rule));
  }

  private boolean ofTheMesh(Fields spec) {
    List<String> gateways = spec.texts("gateways");
    boolean mesh = gateways.isEmpty() || gateways.contains("mesh");
    if (gateways.stream().anyMatch(gateway -> !gateway.equals("mesh"))) {
      spec.without(
          "gateways",
          mesh
              ? "Weir has no way in from outside; what is written is for calls within the mesh"
              : "Weir has no way in from outside, and all of this is for one");
    }
    return mesh;
  }

  /** All in one namespace, which is the route's. */
  private List<ObjectName> hosts(ObjectName name, Fields spec) {
    List<ObjectName> hosts = new ArrayList<>();
    List<String> written = spec.texts("hosts");
    for (int i = 0; i < written.size(); i++) {
      var path = spec.path().field("hosts").index(i);
      Optional<ObjectName> host =
          services.service(written.get(i), name.namespace(), spec.at(), path);
      if (host.isPresent()
          && !hosts.isEmpty()
          && !hosts.getFirst().namespace().equals(host.get().namespace())) {
        report.without(spec.at(), path, "a route's services live in its own namespace");
      } else {
        host.ifPresent(hosts::add);
      }
    }
    return hosts;
  }

  private void retries(ObjectName route, VirtualServiceRule rule) {
    List<Map<String, Object>> targets =
        rule.rules().stream()
            .map(made ->
                Output.fields(
                    "group",
                    Output.GATEWAY,
                    "kind",
                    "HTTPRoute",
                    "name",
                    route.name(),
                    "sectionName",
                    String.valueOf(made.get("name"))))
            .toList();
    rule.retry()
        .filter(retry -> !targets.isEmpty())
        .ifPresent(retry -> {
          output.policy(
              "ResiliencePolicy",
              new ObjectName(route.namespace(), Texts.name(route.name() + "-" + rule.name())),
              targets,
              Output.fields("retry", retry));
        });
  }
}
