package dev.weir.control.cli.migrate.istio;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Istio's VirtualService: an HTTPRoute, and a ResiliencePolicy for each rule that retries. */
public final class VirtualServices {
  private final Services services;
  private final Report report;
  private final Output output;

  public VirtualServices(Services services, Report report, Output output) {
    this.services = services;
    this.report = report;
    this.output = output;
  }

  public void translate(ObjectName name, Fields spec) {
    spec.ignore("exportTo");
    spec.without("tcp", "connections that are not HTTP go to the service that was called");
    spec.without("tls", "connections that are not HTTP go to the service that was called");
    if (!ofTheMesh(spec)) {
      spec.ignore("hosts", "http", "tcp", "tls");
      return;
    }
    List<ObjectName> hosts = hosts(name, spec);
    if (hosts.isEmpty()) {
      spec.ignore("http");
      return;
    }
    ObjectName route = new ObjectName(hosts.getFirst().namespace(), name.name());
    List<VirtualServiceRule> rules = new ArrayList<>();
    List<Fields> written = spec.maps("http");
    for (int i = 0; i < written.size(); i++) {
      VirtualServiceRule rule =
          new VirtualServiceRule(
              written.get(i), i, route.namespace(), name.namespace(), services, report);
      rule.read();
      rules.add(rule);
    }
    new RuleOrder(report).check(rules);
    List<Map<String, Object>> made = rules.stream().flatMap(rule -> rule.rules().stream()).toList();
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
          Map<String, Object> spec = Output.fields("targetRefs", targets, "retry", retry);
          output.add(
              "weir.dev/v1alpha1",
              "ResiliencePolicy",
              new ObjectName(route.namespace(), Texts.name(route.name() + "-" + rule.name())),
              spec);
        });
  }
}
