package dev.weir.control.cli.migrate.linkerd;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Match;
import dev.weir.control.cli.migrate.resource.Match.PathType;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Services;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Linkerd's HTTPRoute whose parents are Services: Gateway API's. A rule without backends leads to
 * the service that was called, which is written here: so there is a route for each port.
 */
final class HttpRoutes {
  /** A Service, or one port of it. */
  private record Parent(ObjectName service, OptionalInt port) {}

  private final Services services;
  private final Report report;
  private final Output output;

  HttpRoutes(Services services, Report report, Output output) {
    this.services = services;
    this.report = report;
    this.output = output;
  }

  void translate(ObjectName name, Fields spec) {
    spec.without("hostnames", "a route matches by the service that was called, not by the host");
    List<Parent> parents = parents(name, spec);
    List<Fields> rules = spec.maps("rules");
    if (parents.isEmpty()) {
      spec.ignore("rules");
      rules.forEach(rule -> rule.ignore("matches", "filters", "backendRefs", "timeouts"));
      return;
    }
    boolean leadsBack =
        rules.stream().anyMatch(rule -> rule.maps("backendRefs").isEmpty() && !redirects(rule));
    for (List<Parent> some : leadsBack ? each(parents) : List.of(parents)) {
      List<Map<String, Object>> made = new ArrayList<>();
      for (Fields rule : rules) {
        rule(name, parents, some.getFirst(), rule).ifPresent(made::add);
      }
      if (!made.isEmpty()) {
        output.add(
            Output.GATEWAY + "/v1",
            "HTTPRoute",
            output.unused("HTTPRoute", name),
            Output.fields(
                "parentRefs",
                some.stream().map(parent -> written(parent, name.namespace())).toList(),
                "rules",
                made));
      }
    }
  }

  private List<Parent> parents(ObjectName name, Fields spec) {
    List<Parent> parents = new ArrayList<>();
    for (Fields parent : spec.maps("parentRefs")) {
      parent.ignore("group", "sectionName");
      Optional<Integer> port = parent.number("port");
      if (parent.text("kind").filter("Service"::equals).isPresent()) {
        parents.add(
            new Parent(
                new ObjectName(
                    parent.text("namespace").orElse(name.namespace()),
                    parent.text("name").orElse("")),
                port.map(OptionalInt::of).orElse(OptionalInt.empty())));
      } else {
        parent.ignore("name", "namespace");
        parent.without("kind", "a route of the mesh is of a Service");
      }
    }
    return parents;
  }

  /** Each port by itself; a Service whose ports are not known as it is. */
  private List<List<Parent>> each(List<Parent> parents) {
    List<List<Parent>> each = new ArrayList<>();
    for (Parent parent : parents) {
      List<Services.Port> ports = services.ports(parent.service);
      if (parent.port.isPresent() || ports.isEmpty()) {
        each.add(List.of(parent));
      } else {
        ports.forEach(
            port -> each.add(List.of(new Parent(parent.service, OptionalInt.of(port.number())))));
      }
    }
    return each;
  }

  private static Map<String, Object> written(Parent parent, String namespace) {
    Map<String, Object> ref = Output.service(parent.service.name());
    if (!parent.service.namespace().equals(namespace)) {
      ref.put("namespace", parent.service.namespace());
    }
    parent.port.ifPresent(port -> ref.put("port", port));
    return ref;
  }

  private static boolean redirects(Fields rule) {
    return rule.maps("filters").stream()
        .anyMatch(filter -> filter.text("type").filter("RequestRedirect"::equals).isPresent());
  }

  /** Empty, and said, if it would answer 500, or another way. */
  private Optional<Map<String, Object>> rule(
      ObjectName route, List<Parent> parents, Parent parent, Fields rule) {
    Map<String, Object> made = Output.fields();
    rule.text("name").ifPresent(name -> made.put("name", Texts.name(name)));
    List<Match> matches = new ArrayList<>();
    List<Fields> written = rule.maps("matches");
    written.forEach(match -> RouteMatches.http(match).ifPresent(matches::add));
    if (!matches.isEmpty()) {
      made.put("matches", matches.stream().map(Match::fields).toList());
    }
    boolean byPrefix =
        matches.size() == 1
            && matches
                .getFirst()
                .path()
                .filter(path -> path.type() == PathType.PathPrefix)
                .isPresent();
    Optional<List<Map<String, Object>>> filters =
        new RouteFilters(report).filters(rule.maps("filters"), byPrefix);
    filters.filter(some -> !some.isEmpty()).ifPresent(some -> made.put("filters", some));
    List<Map<String, Object>> backends = backends(route, parents, parent, rule);
    if (!backends.isEmpty()) {
      made.put("backendRefs", backends);
    }
    timeouts(rule, made);
    if (filters.isEmpty() || matches.size() < written.size()) {
      report.wrong(
          rule.at(),
          rule.path(),
          "is left out: without what has no counterpart it would be another");
      return Optional.empty();
    }
    if (backends.isEmpty() && !redirects(rule)) {
      report.wrong(
          rule.at(),
          rule.path(),
          "is left out: without a backend or a redirect it would answer 500");
      return Optional.empty();
    }
    return Optional.of(made);
  }

  private List<Map<String, Object>> backends(
      ObjectName route, List<Parent> parents, Parent parent, Fields rule) {
    List<Map<String, Object>> backends = new ArrayList<>();
    List<Fields> written = rule.maps("backendRefs");
    if (written.isEmpty() && !redirects(rule)) {
      Optional<Integer> port =
          parent.port.isPresent()
              ? Optional.of(parent.port.getAsInt())
              : services.onlyPort(parent.service, rule.at(), rule.path());
      port.ifPresent(number -> backends.add(backend(route, parent.service, number)));
    }
    for (Fields each : written) {
      each.ignore("group");
      if (!each.text("kind").orElse("Service").equals("Service")) {
        each.ignore("name", "namespace", "port", "weight", "filters");
        each.without("kind", "a backend is a Service");
        continue;
      }
      ObjectName service =
          new ObjectName(
              each.text("namespace").orElse(route.namespace()), each.text("name").orElse(""));
      Optional<Integer> port =
          each.has("port")
              ? each.number("port")
              : services.onlyPort(service, each.at(), each.path());
      Optional<Integer> weight = each.number("weight");
      List<Map<String, Object>> filters = new RouteFilters(report).ofBackend(each.maps("filters"));
      boolean allowed =
          service.namespace().equals(route.namespace())
              || parents.stream()
                  .allMatch(one -> one.service.namespace().equals(service.namespace()));
      if (!allowed) {
        report.without(
            each.at(),
            each.path(),
            "a backend in another namespace needs a ReferenceGrant there, which is for that one to"
                + " write");
      } else if (!services.isBackend(service)) {
        report.wrong(
            each.at(),
            each.path(),
            "Service %s is of type ExternalName, and a backend only with the annotation"
                    .formatted(service)
                + " weir.dev/route-backend: allowed");
      } else if (port.isPresent()) {
        Map<String, Object> backend = backend(route, service, port.get());
        weight.ifPresent(share -> backend.put("weight", share));
        if (!filters.isEmpty()) {
          backend.put("filters", filters);
        }
        backends.add(backend);
      }
    }
    return backends;
  }

  private static Map<String, Object> backend(ObjectName route, ObjectName service, int port) {
    Map<String, Object> backend = Output.fields("name", service.name());
    if (!service.namespace().equals(route.namespace())) {
      backend.put("namespace", service.namespace());
    }
    backend.put("port", port);
    return backend;
  }

  private void timeouts(Fields rule, Map<String, Object> made) {
    Map<String, Object> timeouts = Output.fields();
    rule.map("timeouts")
        .ifPresent(written -> {
          for (String field : List.of("request", "backendRequest")) {
            Optional<String> text = written.text(field);
            Optional<String> duration = text.flatMap(Texts::duration);
            if (text.isPresent() && duration.isEmpty()) {
              report.wrong(
                  written.at(),
                  written.path().field(field),
                  "\"" + text.get() + "\" is no duration");
            }
            duration.ifPresent(value -> timeouts.put(field, value));
          }
        });
    if (!timeouts.isEmpty()) {
      made.put("timeouts", timeouts);
    }
  }
}
