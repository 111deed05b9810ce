package dev.weir.control.cli.migrate.istio;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.protos.FieldPath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Rules of Istio's AuthorizationPolicy, for requests that a server is asked about. A condition that
 * has no counterpart is left out, so that more requests are asked about, and never fewer.
 */
final class AccessRules {
  private static final int MOST_MATCHES = 16;
  private static final String ASKED = "; requests that it leaves out are asked about too";
  private static final Pattern PRINCIPAL = Pattern.compile("[^/*]+/ns/([^/*]+)/sa/([^/*]+)");
  private static final Pattern HEADER = Pattern.compile("request\\.headers\\[([^]]+)]");
  private static final Pattern PLAIN_PATH = Pattern.compile("/[A-Za-z0-9._~/-]*");
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  private final Report report;

  AccessRules(Report report) {
    this.report = report;
  }

  /**
   * @param ports of the services that the policy is for
   */
  List<Map<String, Object>> rules(Fields spec, List<Integer> ports) {
    List<Map<String, Object>> rules = new ArrayList<>();
    for (Fields rule : spec.maps("rules")) {
      List<Map<String, Object>> from = callers(rule);
      List<Map<String, Object>> headers = headers(rule);
      List<Map<String, Object>> matches = matches(rule, headers, ports);
      for (int i = 0; i == 0 || i < matches.size(); i += MOST_MATCHES) {
        Map<String, Object> written = Output.fields();
        put(written, "from", from);
        put(written, "matches", matches.subList(i, Math.min(matches.size(), i + MOST_MATCHES)));
        rules.add(written);
      }
    }
    return rules;
  }

  private static void put(Map<String, Object> fields, String name, List<?> values) {
    if (!values.isEmpty()) {
      fields.put(name, List.copyOf(values));
    }
  }

  /** Empty: anybody. */
  private List<Map<String, Object>> callers(Fields rule) {
    List<Map<String, Object>> callers = new ArrayList<>();
    boolean anybody = false;
    for (Fields from : rule.maps("from")) {
      Optional<Map<String, Object>> caller = from.map("source").map(this::caller);
      caller.ifPresent(callers::add);
      anybody |= caller.isEmpty() || caller.get().isEmpty();
    }
    return anybody ? List.of() : callers;
  }

  private Map<String, Object> caller(Fields source) {
    Map<String, Object> caller = Output.fields();
    List<String> accounts = new ArrayList<>();
    accounts.addAll(
        each(
            source,
            "principals",
            AccessRules::account,
            "a service account is written out, TRUST_DOMAIN/ns/NAMESPACE/sa/ACCOUNT"));
    accounts.addAll(
        each(
            source,
            "serviceAccounts",
            text -> Optional.of(text).filter(account -> account.matches("[^/*]+/[^/*]+")),
            "a service account is written NAMESPACE/ACCOUNT"));
    put(caller, "serviceAccounts", accounts);
    put(
        caller,
        "namespaces",
        each(
            source,
            "namespaces",
            text -> Optional.of(text).filter(namespace -> !namespace.contains("*")),
            "a namespace is written out"));
    put(caller, "ipBlocks", each(source, "ipBlocks", Optional::of, ""));
    source.without("remoteIpBlocks", "an address is the one that connects" + ASKED);
    source.without("requestPrincipals", "a token is known by its provider" + ASKED);
    for (String not :
        List.of(
            "notPrincipals",
            "notServiceAccounts",
            "notNamespaces",
            "notIpBlocks",
            "notRemoteIpBlocks",
            "notRequestPrincipals")) {
      source.without(not, "a rule says who calls, and not who does not" + ASKED);
    }
    return caller;
  }

  private static Optional<String> account(String principal) {
    Matcher parts = PRINCIPAL.matcher(principal);
    return parts.matches() ? Optional.of(parts.group(1) + "/" + parts.group(2)) : Optional.empty();
  }

  /** None of a list, and said, where one of its values has no counterpart. */
  private List<String> each(
      Fields fields, String name, Function<String, Optional<String>> counterpart, String why) {
    List<String> values = fields.texts(name);
    List<String> found = new ArrayList<>();
    FieldPath path = fields.path().field(name);
    for (int i = 0; i < values.size(); i++) {
      Optional<String> value = counterpart.apply(values.get(i));
      if (value.isEmpty()) {
        report.without(fields.at(), path.index(i), why + ASKED);
        return List.of();
      }
      found.add(value.get());
    }
    return found;
  }

  /** Of {@code when}: all of them must hold. */
  private List<Map<String, Object>> headers(Fields rule) {
    List<Map<String, Object>> headers = new ArrayList<>();
    for (Fields condition : rule.maps("when")) {
      String key = condition.text("key").orElse("");
      Matcher header = HEADER.matcher(key);
      List<String> values = condition.texts("values");
      condition.without("notValues", "a header is compared with what it is" + ASKED);
      if (!header.matches()) {
        report.without(
            condition.at(),
            condition.path().field("key"),
            "of conditions, those of headers are told" + ASKED);
      } else if (!values.isEmpty()) {
        headers.add(
            Output.fields(
                "type",
                "RegularExpression",
                "name",
                header.group(1),
                "value",
                values.stream().map(AccessRules::expression).collect(Collectors.joining("|"))));
      }
    }
    return headers;
  }

  /** {@code a*}, {@code *a}, {@code *} or the text itself. */
  private static String expression(String text) {
    if (text.equals("*")) {
      return ".+";
    }
    if (text.endsWith("*")) {
      return Texts.quoted(text.substring(0, text.length() - 1)) + ".*";
    }
    return text.startsWith("*") ? ".*" + Texts.quoted(text.substring(1)) : Texts.quoted(text);
  }

  /** Empty: any request. */
  private List<Map<String, Object>> matches(
      Fields rule, List<Map<String, Object>> headers, List<Integer> ports) {
    List<Map<String, Object>> matches = new ArrayList<>();
    List<Fields> operations =
        rule.maps("to").stream().flatMap(to -> to.map("operation").stream()).toList();
    for (Fields operation : operations) {
      matches.addAll(calls(operation, headers, ports));
    }
    if (operations.isEmpty() && !headers.isEmpty()) {
      return List.of(Output.fields("headers", headers));
    }
    return matches.stream().anyMatch(Map::isEmpty) ? List.of() : matches;
  }

  /** For each method and each path one. */
  private List<Map<String, Object>> calls(
      Fields operation, List<Map<String, Object>> headers, List<Integer> ports) {
    operation.without("hosts", "a policy is for a service, by whatever host it is called" + ASKED);
    for (String not : List.of("notHosts", "notPorts", "notMethods", "notPaths")) {
      operation.without(not, "a rule says what is called, and not what is not" + ASKED);
    }
    List<String> methods =
        operation.texts("methods").contains("*")
            ? List.of()
            : each(
                operation,
                "methods",
                text -> Optional.of(text).filter(METHODS::contains),
                "a method is one of " + String.join(", ", METHODS.stream().sorted().toList()));
    List<Integer> called =
        each(
                operation,
                "ports",
                text ->
                    Optional.of(text)
                        .filter(port -> ports.stream().anyMatch(each -> port.equals("" + each))),
                "a port is one of the Service, and not of its instances")
            .stream()
            .map(Integer::valueOf)
            .toList();
    List<String> paths = operation.texts("paths");
    List<Map<String, Object>> matches = new ArrayList<>();
    for (String path : paths.isEmpty() ? List.of("*") : paths) {
      for (String method : methods.isEmpty() ? List.of("") : methods) {
        Map<String, Object> match = Output.fields();
        if (!path.equals("*")) {
          match.put("path", path(path));
        }
        put(match, "headers", headers);
        if (!method.isEmpty()) {
          match.put("method", method);
        }
        put(match, "ports", called);
        matches.add(match);
      }
    }
    return matches;
  }

  private static Map<String, Object> path(String path) {
    boolean exact =
        PLAIN_PATH.matcher(path).matches() && !path.contains("//") && !path.contains("/.");
    if (exact) {
      return Output.fields("type", "Exact", "value", path);
    }
    String expression =
        path.contains("{")
            ? Texts.quoted(path).replace("\\{\\*\\*\\}", ".*").replace("\\{\\*\\}", "[^/]+")
            : expression(path);
    return Output.fields("type", "RegularExpression", "value", expression);
  }
}
