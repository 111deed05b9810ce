package dev.weir.control.cli.migrate.linkerd;

import dev.weir.control.cli.migrate.resource.Fields;
import dev.weir.control.cli.migrate.resource.Match;
import dev.weir.control.cli.migrate.resource.Report;
import dev.weir.control.model.ObjectName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Routes whose parents are Servers: requests that policies are for. */
final class InboundRoutes {
  /** A route of one or several Servers. */
  private record Route(
      String resource, Fields spec, List<ObjectName> servers, List<Match> matches) {}

  /** Of requests, and not of connections. */
  private static final Match ANY =
      new Match(
          Optional.of(new Match.Path(Match.PathType.PathPrefix, "/")),
          Optional.empty(),
          List.of(),
          List.of());

  private final Report report;
  private final Map<ObjectName, Route> routes = new LinkedHashMap<>();

  InboundRoutes(Report report) {
    this.report = report;
  }

  /** Whether a route is one. */
  static boolean isOne(Fields spec) {
    return spec.maps("parentRefs").stream()
        .anyMatch(parent -> parent.text("kind").filter("Server"::equals).isPresent());
  }

  /**
   * @param grpc whether its matches are of methods of gRPC
   */
  void add(ObjectName name, boolean grpc, Fields spec) {
    List<ObjectName> servers = new ArrayList<>();
    for (Fields parent : spec.maps("parentRefs")) {
      parent.ignore("group");
      if (parent.text("kind").filter("Server"::equals).isPresent()) {
        servers.add(
            new ObjectName(
                parent.text("namespace").orElse(name.namespace()), parent.text("name").orElse("")));
      } else {
        parent.ignore("name", "namespace", "port");
        report.without(
            parent.at(), parent.path(), "a route of a Server is for requests that come in there");
      }
    }
    boolean ofHosts = spec.has("hostnames");
    spec.without(
        "hostnames",
        "a policy is for a service, by whatever host it is called; requests of it are refused");
    List<Match> matches = new ArrayList<>();
    for (Fields rule : spec.maps("rules")) {
      rule.without("filters", "what comes in is not changed");
      rule.without("timeouts", "callers wait as long as a ResiliencePolicy says");
      List<Fields> written = rule.maps("matches");
      if (written.isEmpty() && !rule.lost("matches", 0)) {
        matches.add(ANY);
      }
      for (Fields each : written) {
        match(each, grpc).ifPresent(matches::add);
      }
    }
    routes.put(
        name,
        new Route(
            (grpc ? "GRPCRoute " : "HTTPRoute ") + name,
            spec,
            servers,
            ofHosts ? List.of() : matches));
  }

  /** Empty, and said, if a policy cannot say it. */
  private static Optional<Match> match(Fields fields, boolean grpc) {
    boolean lost = fields.has("queryParams");
    fields.without(
        "queryParams", "a query can be spelled in many ways; requests of it are refused");
    Optional<Match> match = grpc ? RouteMatches.grpc(fields) : RouteMatches.http(fields);
    return lost
        ? Optional.empty()
        : match.map(found ->
            found.path().isPresent()
                ? found
                : new Match(ANY.path(), found.method(), found.headers(), List.of()));
  }

  boolean has(ObjectName route) {
    return routes.containsKey(route);
  }

  /** The Servers of a route. */
  List<ObjectName> servers(ObjectName route) {
    Route found = routes.get(route);
    return found == null ? List.of() : found.servers;
  }

  /** Whether a Server has routes, so that it takes no other requests. */
  boolean limit(ObjectName server) {
    return routes.values().stream().anyMatch(route -> route.servers.contains(server));
  }

  /** All requests that a Server takes by its routes. */
  List<Map<String, Object>> ofServer(ObjectName server) {
    return routes.values().stream()
        .filter(route -> route.servers.contains(server))
        .flatMap(route -> route.matches.stream())
        .distinct()
        .map(Match::fields)
        .toList();
  }

  /**
   * Those of one route at a Server, but for those that another route of it may take: of these that
   * one's policies decide.
   */
  List<Map<String, Object>> ofRoute(ObjectName name, ObjectName server) {
    List<Map<String, Object>> own = new ArrayList<>();
    Route route = routes.get(name);
    for (Match match : route == null ? List.<Match>of() : route.matches) {
      Optional<ObjectName> other =
          routes.entrySet().stream()
              .filter(each -> !each.getKey().equals(name))
              .filter(each -> each.getValue().servers.contains(server))
              .filter(each ->
                  each.getValue().matches.stream()
                      .anyMatch(one -> one.overlaps(match) && !match.before(one)))
              .map(Map.Entry::getKey)
              .findFirst();
      if (other.isPresent() && route != null) {
        report.about(route.resource);
        report.without(
            route.spec.at(),
            route.spec.path().field("rules"),
            "of the requests at %s some belong to route %s, and its policies, and cannot be told apart; whom this one's let in is refused"
                .formatted(match.path().orElseThrow().value(), other.get()));
      } else {
        own.add(match.fields());
      }
    }
    return own;
  }
}
