package dev.weir.control.cli.migrate.linkerd;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Match;
import dev.weir.control.cli.migrate.resource.Match.Path;
import dev.weir.control.cli.migrate.resource.Match.PathType;
import dev.weir.control.cli.migrate.resource.Output;
import dev.weir.control.cli.migrate.resource.Texts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Matches of Linkerd's routes, which are Gateway API's. */
final class RouteMatches {
  private RouteMatches() {}

  /** Empty, and said, if it is of a kind that nobody knows. */
  static Optional<Match> http(Fields fields) {
    Optional<Fields> written = fields.map("path");
    Optional<Path> path = written.flatMap(RouteMatches::path);
    Match match =
        new Match(
            path,
            fields.text("method"),
            values(fields.maps("headers")),
            values(fields.maps("queryParams")));
    boolean lost =
        written.isPresent() && path.isEmpty()
            || fields.has("method") && fields.text("method").isEmpty();
    return lost || !isWhole(fields) ? Optional.empty() : Optional.of(match);
  }

  /** Whether all that a match says was read; what it asks for beside is not to be left out. */
  private static boolean isWhole(Fields match) {
    return match.unread().isEmpty()
        && (!match.has("path") || match.isMap("path"))
        && Stream.of("headers", "queryParams")
            .allMatch(list -> {
              List<Fields> values = match.maps(list);
              return !match.lost(list, values.size())
                  && values.stream().allMatch(value -> value.unread().isEmpty());
            })
        && Stream.of("path", "method")
            .flatMap(part -> match.isMap(part) ? match.map(part).stream() : Stream.empty())
            .allMatch(part -> part.unread().isEmpty());
  }

  private static Optional<Path> path(Fields path) {
    String value = path.text("value").orElse("/");
    return type(path, PathType.PathPrefix).map(type -> new Path(type, value));
  }

  private static Optional<PathType> type(Fields fields, PathType otherwise) {
    String type = fields.text("type").orElse(otherwise.name());
    Optional<PathType> known =
        Arrays.stream(PathType.values()).filter(each -> each.name().equals(type)).findFirst();
    if (known.isEmpty()) {
      fields.without("type", "it is Exact, PathPrefix or RegularExpression; the match is left out");
    }
    return known;
  }

  /** A method of gRPC by its path. */
  static Optional<Match> grpc(Fields fields) {
    Optional<Fields> method = fields.map("method");
    Optional<PathType> type =
        method.isEmpty() ? Optional.of(PathType.Exact) : type(method.get(), PathType.Exact);
    Optional<Match> match =
        type.map(known ->
            new Match(
                method.flatMap(of -> path(of.text("service"), of.text("method"), known)),
                Optional.empty(),
                values(fields.maps("headers")),
                List.of()));
    boolean lost = fields.has("method") && !fields.isMap("method");
    return match.filter(found -> !lost && isWhole(fields));
  }

  private static Optional<Path> path(
      Optional<String> service, Optional<String> method, PathType type) {
    if (type == PathType.RegularExpression || service.isEmpty()) {
      String any = "[^/]+";
      boolean exact = type == PathType.Exact;
      String one = service.map(text -> exact ? Texts.quoted(text) : "(" + text + ")").orElse(any);
      String other = method.map(text -> exact ? Texts.quoted(text) : "(" + text + ")").orElse(any);
      return service.isEmpty() && method.isEmpty()
          ? Optional.empty()
          : Optional.of(new Path(PathType.RegularExpression, "/" + one + "/" + other));
    }
    return method
        .map(name -> new Path(PathType.Exact, "/" + service.get() + "/" + name))
        .or(() -> Optional.of(new Path(PathType.PathPrefix, "/" + service.get())));
  }

  private static List<Map<String, Object>> values(List<Fields> written) {
    List<Map<String, Object>> values = new ArrayList<>();
    for (Fields each : written) {
      Map<String, Object> value = Output.fields();
      each.text("type")
          .filter(type -> !type.equals("Exact"))
          .ifPresent(type -> value.put("type", type));
      value.put("name", each.text("name").orElse(""));
      value.put("value", each.text("value").orElse(""));
      values.add(value);
    }
    return values;
  }
}
