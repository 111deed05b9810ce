package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.resource.AccessPolicy;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Rules of Istio's AuthorizationPolicy as Weir's. */
final class AccessRules {
  private final AccessContext context;
  private final Effect effect;
  private final Report report;

  AccessRules(AccessContext context, Effect effect, Report report) {
    this.context = context;
    this.effect = effect;
    this.report = report;
  }

  /** Those of which something can be said; the rest is reported. */
  List<Map<String, Object>> rules(List<Fields> written) {
    return written.stream().flatMap(rule -> rule(rule).stream()).toList();
  }

  private List<Map<String, Object>> rule(Fields rule) {
    List<Fields> conditions = rule.maps("when");
    List<Source> sources = sources(rule, conditions);
    List<Operation> operations = operations(rule, conditions);
    Leftovers unknown = new Leftovers(effect, report);
    for (Fields condition : conditions) {
      condition(condition, unknown);
    }
    unknown.withoutUnread(rule);
    entries(rule, "from", "source", unknown);
    entries(rule, "to", "operation", unknown);
    if (rule.lost("when", conditions.size())) {
      unknown.wrong();
    }
    boolean everything = unknown.wider() && refusesEverything(sources, operations);
    if (!everything) {
      everything = withoutWhatRefusesEverything(sources, operations);
    } else {
      sources.clear();
    }
    if (everything) {
      report.wrong(
          rule.at(),
          rule.path(),
          "is left out as far as it would refuse everything without what has no counterpart");
    }
    return unknown.never() ? List.of() : made(sources, operations);
  }

  private boolean refusesEverything(List<Source> sources, List<Operation> operations) {
    return effect == Effect.DENY
        && sources.stream().anyMatch(Source::anybody)
        && operations.stream().anyMatch(Operation::anything);
  }

  /** Whether there was such a thing, and not on purpose. */
  private boolean withoutWhatRefusesEverything(List<Source> sources, List<Operation> operations) {
    boolean lost =
        refusesEverything(sources, operations)
            && sources.removeIf(source -> source.anybody() && source.wider());
    return refusesEverything(sources, operations)
            && operations.removeIf(operation -> operation.anything() && operation.wider())
        || lost;
  }

  private List<Source> sources(Fields rule, List<Fields> conditions) {
    List<Source> sources = new ArrayList<>();
    List<Optional<Fields>> written = new ArrayList<>();
    rule.maps("from").forEach(from -> written.add(from.map("source")));
    for (Optional<Fields> each : written.isEmpty() ? List.of(Optional.<Fields>empty()) : written) {
      Source source = new Source(context, effect, report);
      each.ifPresent(source::read);
      conditions.forEach(condition -> source.condition(condition, "values"));
      sources.add(source);
    }
    sources.removeIf(Source::never);
    return sources;
  }

  private List<Operation> operations(Fields rule, List<Fields> conditions) {
    List<Operation> operations = new ArrayList<>();
    List<Optional<Fields>> written = new ArrayList<>();
    rule.maps("to").forEach(to -> written.add(to.map("operation")));
    for (Optional<Fields> each : written.isEmpty() ? List.of(Optional.<Fields>empty()) : written) {
      Operation operation = new Operation(context, effect, report);
      each.ifPresent(operation::read);
      conditions.forEach(condition -> operation.condition(condition, "values"));
      operations.add(operation);
    }
    operations.removeIf(Operation::never);
    return operations;
  }

  /** What should be a list of entries with one part each, and is not, is of more than is known. */
  private void entries(Fields rule, String list, String part, Leftovers unknown) {
    List<Fields> entries = rule.maps(list);
    if (rule.lost(list, entries.size())) {
      unknown.wrong();
    }
    for (Fields entry : entries) {
      unknown.withoutUnread(entry);
      if (entry.map(part).isEmpty()) {
        report.wrong(entry.at(), entry.path().field(part), "is required");
        unknown.wrong();
      }
    }
  }

  /** One that says neither who calls nor what is called is not told here. */
  private void condition(Fields condition, Leftovers unknown) {
    boolean known =
        new Source(context, effect, report).condition(condition, "values")
            || new Operation(context, effect, report).condition(condition, "values");
    if (!known) {
      condition.ignore("values", "notValues");
      unknown.without(
          condition, "key", "of conditions, those of callers, ports, tokens and headers are told");
      if (!condition.has("key")) {
        report.wrong(condition.at(), condition.path().field("key"), "is required");
      }
      unknown.wrong();
    }
    unknown.withoutUnread(condition);
  }

  private static List<Map<String, Object>> made(List<Source> sources, List<Operation> operations) {
    if (sources.isEmpty() || operations.isEmpty()) {
      return List.of();
    }
    List<Map<String, Object>> matches =
        operations.stream().anyMatch(Operation::anything)
            ? List.of()
            : operations.stream().flatMap(operation -> operation.matches().stream()).toList();
    List<Map<String, Object>> rules = new ArrayList<>();
    List<Source> plain = sources.stream().filter(source -> source.tokens().isEmpty()).toList();
    if (!plain.isEmpty()) {
      List<Map<String, Object>> from =
          plain.stream().anyMatch(Source::anybody)
              ? List.of()
              : plain.stream().flatMap(source -> source.callers().stream()).toList();
      rules.addAll(AccessPolicy.rules(from, Map.of(), matches));
    }
    for (Source source : sources) {
      for (Token token : source.tokens()) {
        rules.addAll(AccessPolicy.rules(source.callers(), token.fields(), matches));
      }
    }
    return rules;
  }
}
