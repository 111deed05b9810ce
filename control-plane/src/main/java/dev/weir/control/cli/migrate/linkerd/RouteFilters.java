package dev.weir.control.cli.migrate.linkerd;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.HeaderChanges;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Filters of Linkerd's HTTPRoute, which are Gateway API's. */
final class RouteFilters {
  private final Report report;

  RouteFilters(Report report) {
    this.report = report;
  }

  /**
   * Of a rule; empty, and said, if there is one that it cannot be without.
   *
   * @param byPrefix whether the rule has one match, by the prefix of a path
   */
  Optional<List<Map<String, Object>>> filters(List<Fields> written, boolean byPrefix) {
    List<Map<String, Object>> filters = new ArrayList<>();
    for (Fields filter : written) {
      Optional<Map<String, Object>> made =
          filter.text("type").filter("RequestRedirect"::equals).isPresent()
              ? redirect(filter, byPrefix)
              : modifier(filter);
      if (made.isEmpty()) {
        return Optional.empty();
      }
      filters.add(made.get());
    }
    return Optional.of(filters);
  }

  /** Of a backend; what it cannot have is said. */
  List<Map<String, Object>> ofBackend(List<Fields> written) {
    return written.stream().flatMap(filter -> modifier(filter).stream()).toList();
  }

  private Optional<Map<String, Object>> modifier(Fields filter) {
    String type = filter.text("type").orElse("");
    String field =
        switch (type) {
          case "RequestHeaderModifier" -> "requestHeaderModifier";
          case "ResponseHeaderModifier" -> "responseHeaderModifier";
          default -> "";
        };
    Optional<Fields> written = field.isEmpty() ? Optional.empty() : filter.map(field);
    if (written.isEmpty()) {
      report.without(filter.at(), filter.path(), "there is no filter \"" + type + "\"");
      filter.ignore(filter.names().toArray(String[]::new));
      return Optional.empty();
    }
    HeaderChanges changes = new HeaderChanges(report);
    Map<String, Object> modifier = Output.fields();
    for (String operation : List.of("set", "add")) {
      List<Map<String, Object>> headers = new ArrayList<>();
      for (Fields header : written.get().maps(operation)) {
        String name = header.text("name").orElse("");
        String value = header.text("value").orElse("");
        if (changes.mayChange(name, header, "name")) {
          headers.add(Output.fields("name", name, "value", value));
        }
      }
      if (!headers.isEmpty()) {
        modifier.put(operation, headers);
      }
    }
    List<String> removed = changes.removed(written.get());
    if (!removed.isEmpty()) {
      modifier.put("remove", removed);
    }
    return Optional.of(Output.fields("type", type, field, modifier));
  }

  private Optional<Map<String, Object>> redirect(Fields filter, boolean byPrefix) {
    Map<String, Object> redirect = Output.fields();
    Optional<Fields> written = filter.map("requestRedirect");
    if (written.isPresent()) {
      Fields fields = written.get();
      fields.text("scheme").ifPresent(scheme -> redirect.put("scheme", scheme));
      fields.text("hostname").ifPresent(hostname -> redirect.put("hostname", hostname));
      Optional<Fields> path = fields.map("path");
      if (path.isPresent()) {
        Optional<Map<String, Object>> made = path(path.get(), byPrefix);
        if (made.isEmpty()) {
          return Optional.empty();
        }
        redirect.put("path", made.get());
      }
      fields.number("port").ifPresent(port -> redirect.put("port", port));
      fields.number("statusCode").ifPresent(status -> redirect.put("statusCode", status));
    }
    return Optional.of(Output.fields("type", "RequestRedirect", "requestRedirect", redirect));
  }

  private Optional<Map<String, Object>> path(Fields path, boolean byPrefix) {
    String type = path.text("type").orElse("");
    Optional<String> full = path.text("replaceFullPath");
    Optional<String> prefix = path.text("replacePrefixMatch");
    if (type.equals("ReplaceFullPath") && full.isPresent()) {
      return Optional.of(Output.fields("type", type, "replaceFullPath", full.get()));
    }
    if (type.equals("ReplacePrefixMatch") && prefix.isPresent() && byPrefix) {
      return Optional.of(Output.fields("type", type, "replacePrefixMatch", prefix.get()));
    }
    report.without(
        path.at(),
        path.path(),
        "a path is replaced whole, or its prefix where the rule has one match, by a prefix");
    return Optional.empty();
  }
}
