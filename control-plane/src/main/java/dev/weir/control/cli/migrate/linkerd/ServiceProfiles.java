package dev.weir.control.cli.migrate.linkerd;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Match;
import dev.weir.control.cli.migrate.resource.Match.Path;
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

/**
 * Linkerd's ServiceProfile: an HTTPRoute with a rule for each of its routes and one for all else,
 * and a ResiliencePolicy for those that are retried.
 */
final class ServiceProfiles {
  private static final String KIND = "ResiliencePolicy";
  private static final List<String> RETRIED =
      List.of("ConnectFailure", "RefusedStream", "ResetBeforeRequest", "ServerError");

  private final Services services;
  private final Report report;
  private final Output output;

  ServiceProfiles(Services services, Report report, Output output) {
    this.services = services;
    this.report = report;
    this.output = output;
  }

  void translate(ObjectName name, Fields metadata, Fields spec) {
    spec.ignore("opaquePorts");
    Optional<ObjectName> service =
        services.service(
            name.name(), name.namespace(), metadata.at(), metadata.path().field("name"));
    List<Map<String, Object>> backends =
        service.isEmpty() ? List.of() : backends(service.get(), metadata, spec);
    if (service.isEmpty() || backends.isEmpty()) {
      spec.ignore("routes", "retryBudget", "dstOverrides");
      return;
    }
    List<Map<String, Object>> rules = new ArrayList<>();
    List<String> retried = new ArrayList<>();
    for (Fields route : spec.maps("routes")) {
      route.without("responseClasses", "a failure is a 5xx");
      String rule = unused(Texts.name(route.text("name").orElse("")), rules);
      Map<String, Object> made = Output.fields("name", rule);
      List<Match> matches = new ArrayList<>();
      route.map("condition").ifPresent(condition -> matches.addAll(matches(condition)));
      if (matches.isEmpty()) {
        continue;
      }
      made.put("matches", matches.stream().map(Match::fields).toList());
      made.put("backendRefs", backends);
      route
          .text("timeout")
          .flatMap(Texts::duration)
          .ifPresent(timeout -> made.put("timeouts", Output.fields("request", timeout)));
      rules.add(made);
      if (route.flag("isRetryable")) {
        retried.add(rule);
      }
    }
    rules.add(Output.fields("name", unused("all-else", rules), "backendRefs", backends));
    ObjectName route = output.unused("HTTPRoute", service.get());
    output.add(
        Output.GATEWAY + "/v1",
        "HTTPRoute",
        route,
        Output.fields("parentRefs", List.of(Output.service(service.get().name())), "rules", rules));
    retries(service.get(), route, retried, spec);
  }

  /** A name that no rule has yet. */
  private static String unused(String name, List<Map<String, Object>> rules) {
    String free = name;
    for (int i = 2; ; i++) {
      String candidate = free;
      if (rules.stream().noneMatch(rule -> candidate.equals(rule.get("name")))) {
        return candidate;
      }
      free = name + "-" + i;
    }
  }

  private List<Map<String, Object>> backends(ObjectName service, Fields metadata, Fields spec) {
    List<Map<String, Object>> backends = new ArrayList<>();
    for (Fields override : spec.maps("dstOverrides")) {
      String authority = override.text("authority").orElse("");
      int colon = authority.lastIndexOf(':');
      String host = colon < 0 ? authority : authority.substring(0, colon);
      services
          .service(host, service.namespace(), override.at(), override.path().field("authority"))
          .ifPresent(target -> {
            if (!target.namespace().equals(service.namespace())) {
              report.without(
                  override.at(), override.path(), "a backend lives in its route's namespace");
              return;
            }
            Optional<Integer> port =
                colon < 0
                    ? services.onlyPort(target, override.at(), override.path())
                    : Optional.of(Integer.valueOf(authority.substring(colon + 1)));
            int weight = weight(override.text("weight").orElse("1"));
            port.ifPresent(number ->
                backends.add(
                    Output.fields("name", target.name(), "port", number, "weight", weight)));
          });
    }
    if (backends.isEmpty()) {
      services
          .onlyPort(service, metadata.at(), metadata.path().field("name"))
          .ifPresent(port -> backends.add(Output.fields("name", service.name(), "port", port)));
    }
    return backends;
  }

  /** Linkerd writes {@code 500m} for a half. */
  private static int weight(String text) {
    return text.endsWith("m")
        ? Integer.parseInt(text.substring(0, text.length() - 1))
        : Integer.parseInt(text) * 1000;
  }

  private List<Match> matches(Fields condition) {
    condition.without("not", "Gateway API matches what is there");
    List<Fields> any = condition.maps("any");
    if (!any.isEmpty()) {
      return any.stream().flatMap(one -> matches(one).stream()).toList();
    }
    List<Fields> all = condition.maps("all");
    if (!all.isEmpty()) {
      Match joined = Match.ANY;
      for (Fields one : all) {
        List<Match> parts = matches(one);
        if (parts.size() != 1) {
          report.without(one.at(), one.path(), "an \"any\" within \"all\"; write its cases out");
          return List.of();
        }
        Match part = parts.getFirst();
        joined =
            new Match(
                part.path().or(joined::path),
                part.method().or(joined::method),
                List.of(),
                List.of());
      }
      return List.of(joined);
    }
    Match one =
        new Match(
            condition.text("pathRegex").map(regex -> new Path(PathType.RegularExpression, regex)),
            condition.text("method"),
            List.of(),
            List.of());
    return one.isAny() ? List.of() : List.of(one);
  }

  private void retries(ObjectName service, ObjectName route, List<String> retried, Fields spec) {
    Optional<Fields> budget = spec.map("retryBudget");
    Map<String, Object> limits = Output.fields();
    budget.ifPresent(given -> {
      given
          .text("retryRatio")
          .ifPresent(
              ratio -> limits.put("share", Math.round(Double.parseDouble(ratio) * 100) + "%"));
      given.text("ttl").flatMap(Texts::duration).ifPresent(ttl -> limits.put("over", ttl));
      given.text("minRetriesPerSecond").ifPresent(least -> limits.put("atLeast", least + "/s"));
    });
    if (retried.isEmpty()) {
      return;
    }
    report.note(
        spec.at(),
        spec.path(),
        "Linkerd retries as often as the budget pays; here a call is tried again twice at most");
    Map<String, Object> retry =
        Output.fields("attempts", 2, "codes", List.of(), "conditions", RETRIED, "methods", "Any");
    if (!limits.isEmpty()) {
      // A budget is a service's; a rule's retries are paid by it.
      output.policy(
          KIND,
          new ObjectName(service.namespace(), Texts.name(service.name() + "-retry-budget")),
          List.of(Output.service(service.name())),
          Output.fields(
              "retry", Output.fields("attempts", 0, "codes", List.of(), "budget", limits)));
    }
    List<Map<String, Object>> targets =
        retried.stream()
            .map(rule ->
                Output.fields(
                    "group",
                    Output.GATEWAY,
                    "kind",
                    "HTTPRoute",
                    "name",
                    route.name(),
                    "sectionName",
                    rule))
            .toList();
    output.policy(
        KIND,
        new ObjectName(service.namespace(), Texts.name(service.name() + "-retries")),
        targets,
        Output.fields("retry", retry));
  }
}
