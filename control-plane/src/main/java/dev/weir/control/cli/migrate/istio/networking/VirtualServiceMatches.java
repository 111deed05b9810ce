package dev.weir.control.cli.migrate.istio.networking;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Match;
import dev.weir.control.cli.migrate.resource.Match.Path;
import dev.weir.control.cli.migrate.resource.Match.PathType;
import dev.weir.control.cli.migrate.resource.Texts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Istio's HTTPMatchRequest. */
final class VirtualServiceMatches {
  private VirtualServiceMatches() {}

  static Match match(Fields fields) {
    fields.ignore("name", "statPrefix");
    fields.without("sourceLabels", "a route is the same for all callers");
    fields.without("sourceNamespace", "a route is the same for all callers");
    fields.without("gateways", "Weir has no way in from outside");
    fields.without("port", "name the port in parentRefs");
    fields.without("authority", "a route matches by the service that was called, not by the host");
    fields.without("scheme", "a call within the mesh has none that tells");
    fields.without("withoutHeaders", "Gateway API matches headers that are there");
    boolean anyCase = fields.flag("ignoreUriCase");
    List<Map<String, Object>> headers = new ArrayList<>();
    fields.table("headers").forEach((name, value) -> headers.add(Texts.comparison(name, value)));
    List<Map<String, Object>> queries = new ArrayList<>();
    fields
        .table("queryParams")
        .forEach((name, value) -> queries.add(Texts.comparison(name, value)));
    return new Match(
        fields.map("uri").flatMap(uri -> path(uri, anyCase)),
        fields.map("method").flatMap(VirtualServiceMatches::method),
        headers,
        queries);
  }

  private static Optional<Path> path(Fields uri, boolean anyCase) {
    Optional<String> exact = uri.text("exact");
    Optional<String> prefix = uri.text("prefix");
    Optional<String> regex = uri.text("regex");
    if (anyCase && (exact.isPresent() || prefix.isPresent())) {
      String end = exact.isPresent() ? "" : ".*";
      return exact
          .or(() -> prefix)
          .map(text -> new Path(PathType.RegularExpression, "(?i)" + Texts.quoted(text) + end));
    }
    if (exact.isPresent()) {
      return exact.map(text -> new Path(PathType.Exact, text));
    }
    if (regex.isPresent()) {
      return regex.map(text -> new Path(PathType.RegularExpression, text));
    }
    prefix
        .filter(text -> !text.equals("/"))
        .ifPresent(text ->
            uri.note(
                "prefix",
                text.endsWith("/")
                    ? "becomes a PathPrefix of whole elements, which %s alone matches too"
                        .formatted(text.replaceFirst("/+$", ""))
                    : "becomes a PathPrefix of whole elements, which %ss does not match"
                        .formatted(text)));
    return prefix.map(text -> new Path(PathType.PathPrefix, text));
  }

  private static Optional<String> method(Fields method) {
    Optional<String> exact = method.text("exact");
    if (exact.isEmpty()) {
      method.without("prefix", "a method is matched exactly");
      method.without("regex", "a method is matched exactly");
    }
    return exact;
  }
}
