package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.resource.AccessPolicy;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Rules of a DENY that say nothing but who is spared, or what: to refuse all callers but those of a
 * namespace is to need an Allow of that namespace, whoever else allows more. That is an Allow of
 * Weir's with {@code precedence: Override}.
 */
final class NegatedRules {
  private static final List<String> OF_CALLERS =
      List.of(
          "principals",
          "serviceAccounts",
          "namespaces",
          "ipBlocks",
          "remoteIpBlocks",
          "requestPrincipals");
  private static final List<String> OF_CALLS = List.of("hosts", "ports", "methods", "paths");

  private final AccessContext context;
  private final Report report;

  NegatedRules(AccessContext context, Report report) {
    this.context = context;
    this.report = report;
  }

  /** Whether a rule is one, as far as it is known. */
  static boolean isOne(Fields rule) {
    List<Fields> parts = new ArrayList<>();
    rule.maps("from").forEach(from -> from.map("source").ifPresent(parts::add));
    rule.maps("to").forEach(to -> to.map("operation").ifPresent(parts::add));
    boolean whole =
        rule.maps("from").size() + rule.maps("to").size() == parts.size()
            && !rule.lost("from", rule.maps("from").size())
            && !rule.lost("to", rule.maps("to").size())
            && !rule.lost("when", rule.maps("when").size())
            && rule.unread().isEmpty();
    boolean conditions =
        rule.maps("when").stream()
            .allMatch(condition -> !condition.has("values") && condition.has("notValues"));
    boolean any = !parts.isEmpty() || !rule.maps("when").isEmpty();
    return any
        && whole
        && conditions
        && parts.stream()
            .allMatch(part ->
                !part.isEmpty() && part.names().stream().allMatch(name -> name.startsWith("not")));
  }

  /** The rules of one Allow for each of the rule's pairs of a source and an operation. */
  List<List<Map<String, Object>>> allows(Fields rule) {
    List<List<Map<String, Object>>> allows = new ArrayList<>();
    List<Fields> sources =
        rule.maps("from").stream().flatMap(from -> from.map("source").stream()).toList();
    List<Fields> operations =
        rule.maps("to").stream().flatMap(to -> to.map("operation").stream()).toList();
    for (Optional<Fields> source : orNone(sources)) {
      for (Optional<Fields> operation : orNone(operations)) {
        List<Map<String, Object>> spared = new ArrayList<>();
        source.ifPresent(each -> OF_CALLERS.forEach(field -> spared.addAll(callers(each, field))));
        operation.ifPresent(each -> OF_CALLS.forEach(field -> spared.addAll(calls(each, field))));
        rule.maps("when").forEach(condition -> spared.addAll(condition(condition)));
        if (spared.isEmpty()) {
          report.wrong(
              rule.at(),
              rule.path(),
              "is left out: whom it spares cannot be said, and it would refuse everything");
        } else if (spared.stream().anyMatch(Map::isEmpty)) {
          report.note(rule.at(), rule.path(), "is left out: it refuses nobody");
        } else {
          allows.add(spared);
        }
      }
    }
    return allows;
  }

  private static List<Optional<Fields>> orNone(List<Fields> all) {
    return all.isEmpty() ? List.of(Optional.empty()) : all.stream().map(Optional::of).toList();
  }

  private List<Map<String, Object>> callers(Fields source, String field) {
    if (!source.has(Source.negated(field))) {
      return List.of();
    }
    Source spared = new Source(context, Effect.ALLOW, report);
    spared.read(source, each -> each.equals(field) ? Source.negated(field) : "");
    return rules(spared);
  }

  private static List<Map<String, Object>> rules(Source spared) {
    if (spared.never()) {
      return List.of();
    }
    if (spared.tokens().isEmpty()) {
      return AccessPolicy.rules(spared.callers(), Map.of(), List.of());
    }
    return spared.tokens().stream()
        .flatMap(token -> AccessPolicy.rules(spared.callers(), token.fields(), List.of()).stream())
        .toList();
  }

  private List<Map<String, Object>> calls(Fields operation, String field) {
    if (!operation.has(Source.negated(field))) {
      return List.of();
    }
    Operation spared = new Operation(context, Effect.ALLOW, report);
    spared.read(operation, each -> each.equals(field) ? Source.negated(field) : "");
    return rules(spared);
  }

  private static List<Map<String, Object>> rules(Operation spared) {
    return spared.never() ? List.of() : AccessPolicy.rules(List.of(), Map.of(), spared.matches());
  }

  private List<Map<String, Object>> condition(Fields condition) {
    Source source = new Source(context, Effect.ALLOW, report);
    if (source.condition(condition, "notValues")) {
      return rules(source);
    }
    Operation operation = new Operation(context, Effect.ALLOW, report);
    if (operation.condition(condition, "notValues")) {
      return rules(operation);
    }
    condition.without("key", "of conditions, those of callers, ports, tokens and headers are told");
    condition.ignore("notValues");
    return List.of();
  }
}
