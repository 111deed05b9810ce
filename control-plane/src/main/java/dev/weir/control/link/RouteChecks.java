package dev.weir.control.link;

import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.HttpMatch.HeaderMatch;
import dev.weir.control.model.HttpMatch.PathMatch;
import dev.weir.control.model.HttpMatch.PathType;
import dev.weir.control.model.MeshModel;
import dev.weir.control.model.Route;
import dev.weir.control.model.ServicePort;
import dev.weir.control.source.reader.Finding;
import dev.weir.control.source.reader.Finding.Severity;
import dev.weir.control.source.resource.Manifest;
import dev.weir.control.source.resource.Manifest.Place;
import dev.weir.control.source.resource.Resource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Warns of matches that no request reaches: another, which comes before, has all of them. That is
 * so of equal ones; of others the more specific comes first.
 */
final class RouteChecks {
  private final List<Finding> findings;
  private final Map<String, Manifest> manifests = new HashMap<>();
  private final Set<String> told = new HashSet<>();

  RouteChecks(List<Finding> findings) {
    this.findings = findings;
  }

  void check(MeshModel model, List<Resource> resources) {
    for (Resource resource : resources) {
      if (resource instanceof Resource.OfRoute of) {
        manifests.put(of.manifest().resource(), of.manifest());
      }
    }
    SortedMap<ServicePort, List<Route>> bound = new TreeMap<>();
    model.routes().stream()
        .sorted(Route.ORDER)
        .forEach(route ->
            route
                .parents()
                .forEach(port -> bound.computeIfAbsent(port, key -> new ArrayList<>()).add(route)));
    bound.forEach(this::check);
  }

  /** Where a match stands. */
  private record Written(Route route, int rule, int match) {
    String resource() {
      return route.kind() + " " + route.name();
    }

    boolean sameRule(Written other) {
      return rule == other.rule && resource().equals(other.resource());
    }
  }

  /**
   * @param routes as they are asked, of each kind
   */
  private void check(ServicePort port, List<Route> routes) {
    Map<String, Written> first = new HashMap<>();
    for (Route route : routes) {
      for (int i = 0; i < route.rules().size(); i++) {
        List<HttpMatch> matches = route.rules().get(i).matches();
        for (int j = 0; j < matches.size(); j++) {
          Written here = new Written(route, i, j);
          // Those of one namespace; another one's are for other calls.
          String key = route.kind() + " " + route.name().namespace() + " " + normal(matches.get(j));
          Written other = first.putIfAbsent(key, here);
          if (other != null && !other.sameRule(here)) {
            warn(port, here, other);
          }
        }
      }
    }
  }

  /** What it compares, whatever the order and the case of headers' names. */
  private static String normal(HttpMatch match) {
    List<String> parts = new ArrayList<>();
    PathMatch path = match.path();
    if (path != null && match.comparesPath()) {
      boolean slash =
          path.type() == PathType.PATH_PREFIX
              && path.value().length() > 1
              && path.value().endsWith("/");
      parts.add(
          path.type()
              + " "
              + (slash ? path.value().substring(0, path.value().length() - 1) : path.value()));
    }
    parts.add(String.valueOf(match.method()));
    parts.add(
        match.headers().stream()
            .map(RouteChecks::normal)
            .sorted()
            .collect(Collectors.joining("\n")));
    parts.add(
        match.queryParams().stream()
            .map(HttpMatch.QueryMatch::toString)
            .sorted()
            .collect(Collectors.joining("\n")));
    return String.join("\n\n", parts);
  }

  private static String normal(HeaderMatch header) {
    return new HeaderMatch(header.type(), header.name().toLowerCase(Locale.ROOT), header.value())
        .toString();
  }

  private void warn(ServicePort port, Written here, Written other) {
    Manifest manifest = manifests.get(here.resource());
    if (manifest == null || !told.add(here + " " + other)) {
      return;
    }
    Place place =
        manifest.has("spec", "rules", here.rule, "matches", here.match)
            ? manifest.place("spec", "rules", here.rule, "matches", here.match)
            : manifest.place("spec", "rules", here.rule);
    String same = "rules[" + other.rule + "]";
    findings.add(
        new Finding(
            Severity.WARNING,
            place.at(),
            manifest.resource(),
            place.path().toString(),
            "no request reaches it at %s: %s matches the same and comes first; merge the two, or remove one"
                .formatted(
                    port,
                    other.resource().equals(here.resource())
                        ? same
                        : other.resource() + ", " + same + ",")));
  }
}
