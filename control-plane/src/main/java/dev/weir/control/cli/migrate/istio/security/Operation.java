package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.resource.AccessPolicy;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What is called, as a rule's {@code operation} and conditions say it. */
final class Operation {
  private static final Pattern HEADER = Pattern.compile("request\\.headers\\[([^]]+)]");
  private static final Pattern PLAIN_PATH = Pattern.compile("/[A-Za-z0-9._~/-]*");
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

  /** The longest text that a header is compared with. */
  private static final int LONGEST = 512;

  private final AccessContext context;
  private final Leftovers left;
  private boolean ofRequests;
  private List<String> paths = List.of();
  private List<String> methods = List.of();
  private List<Integer> ports = List.of();
  private final List<Map<String, Object>> headers = new ArrayList<>();

  Operation(AccessContext context, Effect effect, Report report) {
    this.context = context;
    this.left = new Leftovers(effect, report);
  }

  boolean never() {
    return left.never();
  }

  boolean wider() {
    return left.wider();
  }

  /** Whether it is anything. */
  boolean anything() {
    return matches().isEmpty();
  }

  /** Reads an {@code operation}. */
  void read(Fields operation) {
    read(operation, field -> field);
    for (String field : List.of("hosts", "ports", "methods", "paths")) {
      left.without(
          operation, Source.negated(field), "a rule says what is called, and not what is not");
    }
    left.withoutUnread(operation);
  }

  /**
   * Reads those fields of an {@code operation} that say what it is.
   *
   * @param name what they are called there
   */
  void read(Fields operation, Function<String, String> name) {
    left.without(
        operation, name.apply("hosts"), "a policy is for a service, by whatever host it is called");
    ofRequests |= operation.has(name.apply("methods")) || operation.has(name.apply("paths"));
    if (!operation.texts(name.apply("methods")).contains("*")) {
      methods =
          left.oneOf(
              operation,
              name.apply("methods"),
              text -> Optional.of(text).filter(METHODS::contains),
              "a method is one of " + String.join(", ", METHODS.stream().sorted().toList()));
    }
    if (!operation.texts(name.apply("paths")).contains("*")) {
      paths =
          left.oneOf(
              operation,
              name.apply("paths"),
              text -> Optional.of(text).filter(path -> !path.isEmpty()),
              "a path is not empty");
    }
    ports(operation, name.apply("ports"));
  }

  private void ports(Fields fields, String field) {
    List<Integer> some =
        left
            .oneOf(
                fields,
                field,
                context.ports()::leadingTo,
                "it is a port of instances, and no Service that the policy is for, as far as they"
                    + " are among the files, has one port number that leads to it and nowhere else")
            .stream()
            .flatMap(List::stream)
            .distinct()
            .toList();
    if (!some.isEmpty()) {
      ports = ports.isEmpty() ? some : some.stream().filter(ports::contains).toList();
      if (ports.isEmpty()) {
        left.contradicted();
      }
    }
  }

  /**
   * Reads an entry of {@code when}, if it says what is called.
   *
   * @param values the field that has what: {@code values}, or {@code notValues}
   */
  boolean condition(Fields condition, String values) {
    String key = condition.text("key").orElse("");
    Matcher header = HEADER.matcher(key);
    if (key.equals("destination.port")) {
      ports(condition, values);
    } else if (header.matches()) {
      header(condition, values, header.group(1));
    } else {
      return false;
    }
    if (values.equals("values")) {
      left.without(condition, "notValues", "a rule compares with what is there");
    }
    return true;
  }

  private void header(Fields condition, String field, String name) {
    ofRequests = true;
    List<String> values = condition.texts(field);
    String expression = values.stream().map(Operation::expression).collect(Collectors.joining("|"));
    if (expression.length() > LONGEST) {
      left.without(
          condition, field, "what a header is compared with has " + LONGEST + " characters");
    } else if (!values.isEmpty()) {
      headers.add(Output.fields("type", "RegularExpression", "name", name, "value", expression));
    }
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

  /** For each method and each path one; none: anything. */
  List<Map<String, Object>> matches() {
    List<Map<String, Object>> matches = new ArrayList<>();
    for (String path : paths.isEmpty() ? List.of("") : paths) {
      for (String method : methods.isEmpty() ? List.of("") : methods) {
        for (List<Integer> some :
            ports.isEmpty() ? List.of(ports) : Output.parts(ports, Output.MOST)) {
          Map<String, Object> match = Output.fields();
          if (!path.isEmpty()) {
            match.put("path", path(path));
          }
          AccessPolicy.put(match, "headers", headers);
          if (!method.isEmpty()) {
            match.put("method", method);
          }
          if (ofRequests && left.narrows() && match.isEmpty()) {
            // A connection that is not HTTP has no path, and is not let in.
            match.put("path", Output.fields("type", "PathPrefix", "value", "/"));
          }
          AccessPolicy.put(match, "ports", some);
          matches.add(match);
        }
      }
    }
    return matches.stream().anyMatch(Map::isEmpty) ? List.of() : matches;
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
