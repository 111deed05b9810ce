package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.HeaderChanges;
import dev.weir.control.cli.migrate.resource.Match;
import dev.weir.control.cli.migrate.resource.Match.PathType;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.cli.migrate.resource.Texts;
import dev.weir.protos.FieldPath;
import dev.weir.protos.Location;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One entry of a VirtualService's {@code http}. */
final class VirtualServiceRule {
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final Fields fields;
  private final String name;
  private final Destinations destinations;
  private final Report report;
  private final List<Match> matches = new ArrayList<>();
  private final List<Map<String, Object>> rules = new ArrayList<>();
  private Optional<Map<String, Object>> retry = Optional.empty();

  VirtualServiceRule(Fields fields, int index, Destinations destinations, Report report) {
    this.fields = fields;
    this.name = Texts.name(fields.text("name").orElse("rule-" + index));
    this.destinations = destinations;
    this.report = report;
  }

  Location at() {
    return fields.at();
  }

  FieldPath path() {
    return fields.path();
  }

  String name() {
    return name;
  }

  List<Match> matches() {
    return matches;
  }

  /** What it became: one rule, or one for each match where a rewrite follows from the match. */
  List<Map<String, Object>> rules() {
    return rules;
  }

  Optional<Map<String, Object>> retry() {
    return retry;
  }

  void read() {
    fields.without("fault", "Weir injects no faults");
    fields.without("delegate", "write its rules here");
    fields.without("directResponse", "a route answers with a redirect or not at all");
    fields.maps("match").forEach(match -> matches.add(VirtualServiceMatches.match(match)));
    if (matches.isEmpty()) {
      matches.add(Match.ANY);
    }
    List<Map<String, Object>> filters = new ArrayList<>();
    fields.map("headers").ifPresent(headers -> filters.addAll(headers(headers)));
    fields.map("redirect").ifPresent(redirect -> redirect(redirect).ifPresent(filters::add));
    mirrors(filters);
    fields
        .map("corsPolicy")
        .flatMap(cors -> new CorsPolicies(report).filter(cors))
        .ifPresent(filters::add);
    List<Map<String, Object>> backends = new ArrayList<>();
    fields.maps("route").forEach(route -> backend(route).ifPresent(backends::add));
    Map<String, Object> timeouts = timeouts();
    Optional<Fields> rewrite = fields.map("rewrite");
    if (backends.isEmpty()
        && filters.stream().noneMatch(filter -> filter.containsKey("requestRedirect"))) {
      rewrite.ifPresent(left -> left.ignore("uri", "authority"));
      report.wrong(
          at(), path(), "is left out: without a backend or a redirect it would answer 500");
      return;
    }
    if (rewrite.isPresent() && rewrite.get().has("uri")) {
      for (int i = 0; i < matches.size(); i++) {
        List<Map<String, Object>> own = new ArrayList<>(filters);
        own.add(rewrite(rewrite.get(), matches.get(i)));
        String suffix = matches.size() == 1 ? "" : "-" + i;
        rules.add(rule(name + suffix, List.of(matches.get(i)), own, backends, timeouts));
      }
    } else {
      rewrite.ifPresent(host -> filters.add(rewrite(host, Match.ANY)));
      rules.add(rule(name, matches, filters, backends, timeouts));
    }
  }

  private static Map<String, Object> rule(
      String name,
      List<Match> matches,
      List<Map<String, Object>> filters,
      List<Map<String, Object>> backends,
      Map<String, Object> timeouts) {
    Map<String, Object> rule = Output.fields("name", name);
    if (!matches.getFirst().isAny() || matches.size() > 1) {
      rule.put("matches", matches.stream().map(Match::fields).toList());
    }
    if (!filters.isEmpty()) {
      rule.put("filters", filters);
    }
    if (!backends.isEmpty()) {
      rule.put("backendRefs", backends);
    }
    if (!timeouts.isEmpty()) {
      rule.put("timeouts", timeouts);
    }
    return rule;
  }

  private Map<String, Object> timeouts() {
    Map<String, Object> timeouts = Output.fields();
    fields
        .text("timeout")
        .ifPresent(text -> duration("timeout", fields, text, "request", timeouts));
    fields
        .map("retries")
        .ifPresent(retries -> {
          retries
              .text("perTryTimeout")
              .ifPresent(
                  text -> duration("perTryTimeout", retries, text, "backendRequest", timeouts));
          retry = Optional.of(new RetryOn(report).retry(retries));
        });
    return timeouts;
  }

  private void duration(
      String field, Fields of, String text, String as, Map<String, Object> timeouts) {
    Optional<String> duration = Texts.duration(text);
    if (duration.isPresent()) {
      timeouts.put(as, duration.get());
    } else {
      report.wrong(of.at(), of.path().field(field), "\"" + text + "\" is no duration");
    }
  }

  private Optional<Map<String, Object>> backend(Fields route) {
    Optional<Map<String, Object>> backend = route.map("destination").flatMap(destinations::backend);
    if (backend.isEmpty()) {
      route.ignore("weight", "headers"); // of what is left out, as is said
    }
    backend.ifPresent(made -> {
      route.number("weight").ifPresent(weight -> made.put("weight", weight));
      route
          .map("headers")
          .ifPresent(headers -> {
            List<Map<String, Object>> filters = headers(headers);
            if (!filters.isEmpty()) {
              made.put("filters", filters);
            }
          });
    });
    return backend;
  }

  private List<Map<String, Object>> headers(Fields headers) {
    List<Map<String, Object>> filters = new ArrayList<>();
    headers
        .map("request")
        .ifPresent(request ->
            modifier("RequestHeaderModifier", "requestHeaderModifier", request, filters));
    headers
        .map("response")
        .ifPresent(response ->
            modifier("ResponseHeaderModifier", "responseHeaderModifier", response, filters));
    return filters;
  }

  private void modifier(
      String type, String field, Fields operations, List<Map<String, Object>> filters) {
    HeaderChanges changes = new HeaderChanges(report);
    Map<String, Object> modifier = Output.fields();
    for (String operation : List.of("set", "add")) {
      List<Map<String, Object>> values = new ArrayList<>();
      Map<String, String> table = operations.textTable(operation);
      operations
          .map(operation)
          .ifPresent(
              written -> table.keySet().removeIf(name -> !changes.mayChange(name, written, name)));
      table.forEach((name, value) -> values.add(Output.fields("name", name, "value", value)));
      if (!values.isEmpty()) {
        modifier.put(operation, values);
      }
    }
    List<String> removed = changes.removed(operations);
    if (!removed.isEmpty()) {
      modifier.put("remove", removed);
    }
    filters.add(Output.fields("type", type, field, modifier));
  }

  private Optional<Map<String, Object>> redirect(Fields redirect) {
    Map<String, Object> filter = Output.fields();
    redirect.text("scheme").ifPresent(scheme -> filter.put("scheme", scheme));
    Optional<Integer> port = redirect.number("port");
    redirect
        .text("authority")
        .ifPresent(authority -> {
          int colon = authority.lastIndexOf(':');
          filter.put("hostname", colon < 0 ? authority : authority.substring(0, colon));
          if (colon >= 0 && port.isEmpty()) {
            filter.put("port", Integer.valueOf(authority.substring(colon + 1)));
          }
        });
    redirect.text("uri").ifPresent(uri -> filter.put("path", fullPath(uri)));
    port.ifPresent(number -> filter.put("port", number));
    redirect.without("derivePort", "write the port: Gateway API derives it from the scheme");
    int status = redirect.number("redirectCode").orElse(301);
    if (!REDIRECTS.contains(status)) {
      redirect.without("redirectCode", "a redirect is 301, 302, 303, 307 or 308");
      return Optional.empty();
    }
    filter.put("statusCode", status);
    return Optional.of(Output.fields("type", "RequestRedirect", "requestRedirect", filter));
  }

  private static Map<String, Object> fullPath(String path) {
    return Output.fields("type", "ReplaceFullPath", "replaceFullPath", path);
  }

  private static Map<String, Object> rewrite(Fields rewrite, Match match) {
    Map<String, Object> filter = Output.fields();
    rewrite.text("authority").ifPresent(host -> filter.put("hostname", host));
    boolean prefix = match.path().map(path -> path.type() == PathType.PathPrefix).orElse(true);
    rewrite
        .text("uri")
        .ifPresent(uri ->
            filter.put(
                "path",
                prefix
                    ? Output.fields("type", "ReplacePrefixMatch", "replacePrefixMatch", uri)
                    : fullPath(uri)));
    return Output.fields("type", "URLRewrite", "urlRewrite", filter);
  }

  private void mirrors(List<Map<String, Object>> filters) {
    Map<String, Object> share = fields.map("mirrorPercentage").map(this::share).orElse(Map.of());
    Optional<Integer> percent =
        fields.has("mirrorPercent")
            ? fields.number("mirrorPercent")
            : fields.number("mirror_percent");
    fields
        .map("mirror")
        .flatMap(destinations::backend)
        .ifPresent(backend -> {
          Map<String, Object> mirror = Output.fields("backendRef", backend);
          percent.ifPresent(number -> mirror.put("percent", number));
          mirror.putAll(share);
          filters.add(Output.fields("type", "RequestMirror", "requestMirror", mirror));
        });
    for (Fields one : fields.maps("mirrors")) {
      Map<String, Object> part = one.map("percentage").map(this::share).orElse(Map.of());
      one.map("destination")
          .flatMap(destinations::backend)
          .ifPresent(backend -> {
            Map<String, Object> mirror = Output.fields("backendRef", backend);
            mirror.putAll(part);
            filters.add(Output.fields("type", "RequestMirror", "requestMirror", mirror));
          });
    }
  }

  /** It is read wherever the requests are to go, or what says it would seem to be left out. */
  private Map<String, Object> share(Fields percentage) {
    double value;
    try {
      value = Double.parseDouble(percentage.text("value").orElse("100"));
    } catch (NumberFormatException e) {
      report.wrong(percentage.at(), percentage.path().field("value"), "is no number");
      return Map.of();
    }
    return value == Math.rint(value)
        ? Output.fields("percent", (int) value)
        : Output.fields(
            "fraction",
            Output.fields("numerator", (int) Math.round(value * 10_000), "denominator", 1_000_000));
  }
}
