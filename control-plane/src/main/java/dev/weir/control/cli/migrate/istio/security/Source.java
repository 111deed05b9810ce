package dev.weir.control.cli.migrate.istio.security;

import dev.weir.control.cli.migrate.resource.Callers;
import dev.weir.control.cli.migrate.resource.Callers.By;
import dev.weir.control.cli.migrate.resource.Callers.Caller;
import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.model.Addresses;
import dev.weir.control.model.AuthorizationSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who calls, as a rule's {@code source} and conditions say it: callers of whom it must be one, and
 * tokens of which it must have one.
 */
final class Source {
  private static final String ACCOUNTS = "serviceAccounts";
  private static final String NAMESPACES = "namespaces";
  private static final String PRINCIPALS = "principals";
  private static final String BLOCKS = "ipBlocks";

  /** Whoever has a certificate, where all have. */
  private static final Caller ANYONE = new Caller(By.PRINCIPALS, "*");

  private static final Pattern PRINCIPAL =
      Pattern.compile("([^/*]+)/ns/([a-z0-9.-]+)/sa/([a-z0-9.-]+)");
  private static final Pattern OF_NAMESPACE =
      Pattern.compile("([^/*]+)/ns/([a-z0-9]|[a-z0-9][-a-z0-9]{0,61}[a-z0-9])/(sa/)?\\*");
  private static final Pattern ACCOUNT = Pattern.compile("([a-z0-9.-]+/)?[a-z0-9.-]+");
  private static final Pattern CLAIM = Pattern.compile("request\\.auth\\.claims((\\[[^]]+])+)");

  /** Where a text of several words is as good as a list of them, to Istio. */
  private static final List<String> OF_WORDS = List.of("scope", "permission");

  private final AccessContext context;
  private final Leftovers left;
  private final Report report;
  private final Callers callers = new Callers();
  private List<Token> tokens = List.of();

  Source(AccessContext context, Effect effect, Report report) {
    this.context = context;
    this.left = new Leftovers(effect, report);
    this.report = report;
  }

  boolean never() {
    return left.never();
  }

  boolean wider() {
    return left.wider();
  }

  /** Whether it is anybody. */
  boolean anybody() {
    return callers.any() && tokens.isEmpty();
  }

  /** None: any. */
  List<Token> tokens() {
    return tokens;
  }

  /** As a rule's {@code from}; none: anyone. */
  List<Map<String, Object>> callers() {
    return callers.from();
  }

  /** Reads a {@code source}. */
  void read(Fields source) {
    read(source, field -> field);
    for (String field :
        List.of(PRINCIPALS, ACCOUNTS, NAMESPACES, BLOCKS, "remoteIpBlocks", "requestPrincipals")) {
      left.without(source, negated(field), "a rule says who calls, and not who does not");
    }
    left.withoutUnread(source);
  }

  /** The field for whom it is not. */
  static String negated(String field) {
    return "not" + Character.toUpperCase(field.charAt(0)) + field.substring(1);
  }

  /**
   * Reads those fields of a {@code source} that say who it is.
   *
   * @param name what they are called there
   */
  void read(Fields source, Function<String, String> name) {
    principals(source, name.apply(PRINCIPALS));
    accounts(source, name.apply(ACCOUNTS));
    namespaces(source, name.apply(NAMESPACES));
    blocks(source, name.apply(BLOCKS));
    left.without(source, name.apply("remoteIpBlocks"), "an address is the one that connects");
    requestPrincipals(source, name.apply("requestPrincipals"));
  }

  /**
   * Reads an entry of {@code when}, if it says who calls.
   *
   * @param values the field that has whom: {@code values}, or {@code notValues}
   */
  boolean condition(Fields condition, String values) {
    String key = condition.text("key").orElse("");
    Matcher claim = CLAIM.matcher(key);
    switch (key) {
      case "source.ip" -> blocks(condition, values);
      case "source.namespace" -> namespaces(condition, values);
      case "source.principal" -> principals(condition, values);
      case "source.serviceAccount" -> accounts(condition, values);
      case "request.auth.principal" -> requestPrincipals(condition, values);
      case "request.auth.audiences" -> claim(condition, values, "aud");
      case "request.auth.presenter" -> claim(condition, values, "azp");
      default -> {
        if (!claim.matches()) {
          return false;
        }
        String names = claim.group(1);
        claim(condition, values, names.substring(1, names.length() - 1).replace("][", "."));
      }
    }
    if (values.equals("values")) {
      left.without(condition, "notValues", "a rule says who calls, and not who does not");
    }
    return true;
  }

  private void principals(Fields fields, String field) {
    require(
        left.oneOf(
            fields,
            field,
            this::principal,
            "a service account is written out, TRUST_DOMAIN/ns/NAMESPACE/sa/ACCOUNT, or all of a"
                + " namespace, TRUST_DOMAIN/ns/NAMESPACE/*; * is anyone under mutual TLS alone, a"
                + " PeerAuthentication of mode STRICT among the files"));
  }

  private Optional<Caller> principal(String text) {
    if (text.equals("*")) {
      return context.strict() ? Optional.of(ANYONE) : Optional.empty();
    }
    Matcher one = PRINCIPAL.matcher(text);
    if (one.matches()) {
      return Optional.of(
          context.trusts(one.group(1))
              ? new Caller(By.SERVICE_ACCOUNTS, one.group(2) + "/" + one.group(3))
              : new Caller(By.PRINCIPALS, "spiffe://" + text));
    }
    Matcher namespace = OF_NAMESPACE.matcher(text);
    return namespace.matches() && context.trusts(namespace.group(1))
        ? Optional.of(new Caller(By.NAMESPACES, namespace.group(2)))
        : Optional.empty();
  }

  private void accounts(Fields fields, String field) {
    require(
        left.oneOf(
            fields,
            field,
            text ->
                Optional.of(text)
                    .filter(account -> ACCOUNT.matcher(account).matches())
                    .map(account ->
                        new Caller(
                            By.SERVICE_ACCOUNTS,
                            account.contains("/") ? account : context.namespace() + "/" + account)),
            "a service account is written NAMESPACE/ACCOUNT"));
  }

  private void namespaces(Fields fields, String field) {
    require(
        left.oneOf(
            fields,
            field,
            text ->
                Optional.of(text)
                    .filter(namespace -> namespace.matches(AuthorizationSpec.Caller.NAMESPACE))
                    .map(namespace -> new Caller(By.NAMESPACES, namespace)),
            "a namespace is written out"));
  }

  private void blocks(Fields fields, String field) {
    if (fields.has(field) && callers.limits(By.IP_BLOCKS)) {
      left.without(fields, field, "addresses are said twice, and both must hold; write them once");
      return;
    }
    require(
        left.oneOf(
            fields,
            field,
            text ->
                Optional.of(text)
                    .filter(Addresses::isBlock)
                    .map(block -> new Caller(By.IP_BLOCKS, block)),
            "a block of addresses is written 10.0.0.0/8, 10.1.2.3 or fd00::/8"));
  }

  /** One of these must be it, beside what was required before; none: any will do. */
  private void require(List<Caller> some) {
    if (!some.isEmpty() && !some.contains(ANYONE)) {
      callers.require(some);
      if (callers.none()) {
        left.contradicted();
      }
    }
  }

  private void requestPrincipals(Fields fields, String field) {
    List<Token> some =
        left
            .oneOf(
                fields,
                field,
                text ->
                    Optional.of(context.issuers().tokens(text)).filter(found -> !found.isEmpty()),
                "no RequestAuthentication that is translated for it has this issuer, of which a subject"
                    + " is written out, or * for all")
            .stream()
            .flatMap(List::stream)
            .toList();
    need(some);
  }

  private void claim(Fields condition, String field, String path) {
    if (condition.has(field) && context.issuers().none()) {
      left.without(condition, field, "no RequestAuthentication that is translated is for it");
      return;
    }
    if (OF_WORDS.contains(path)) {
      left.without(condition, field, "a claim is compared as a whole, and not by its words");
      return;
    }
    List<String> values =
        left.oneOf(
            condition,
            field,
            text -> Optional.of(text).filter(value -> !value.contains("*")),
            "a claim is compared with what is written out");
    if (left.narrows()
        && values.stream().anyMatch(value -> value.matches("true|false|-?[0-9].*"))) {
      report.note(
          condition.at(),
          condition.path().field(field),
          "is a claim's number or boolean as well as its text; Istio compares texts alone");
    }
    need(Token.claiming(List.of(), path, values));
  }

  /** One of these is needed, beside what was before; none: nothing more. */
  private void need(List<Token> some) {
    if (some.isEmpty()) {
      return;
    }
    tokens =
        tokens.isEmpty()
            ? some
            : tokens.stream()
                .flatMap(one -> some.stream().flatMap(other -> one.and(other).stream()))
                .toList();
    if (tokens.isEmpty()) {
      left.contradicted();
    }
  }
}
