package dev.weir.sidecar.route;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.route.Route;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.route.VirtualHost;
import dev.weir.sidecar.format.HeaderMutator;
import dev.weir.sidecar.http.Authority;
import dev.weir.sidecar.http.Headers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A compiled {@link RouteConfiguration}: from a request's authority to a virtual host, from its
 * path and headers to a route.
 */
public final class RouteTable {
  private record Wildcard(String part, List<RouteEntry> routes) {}

  /** A table without routes: every request finds none. */
  public static final RouteTable EMPTY = new RouteTable();

  private final Map<String, List<RouteEntry>> exact = new HashMap<>();
  private final List<Wildcard> suffixes = new ArrayList<>();
  private final List<Wildcard> prefixes = new ArrayList<>();
  private @Nullable List<RouteEntry> any;
  private final boolean ignorePort;

  private RouteTable() {
    this.ignorePort = false;
  }

  /**
   * @param filterNames of the chain that will use this table, in order
   * @param compileRoute makes of a filter's index and a route's configuration for it what the
   *     filter wants to see
   */
  public RouteTable(
      RouteConfiguration configuration,
      List<String> filterNames,
      BiFunction<Integer, FilterConfig, Object> compileRoute) {
    this.ignorePort = configuration.ignorePortInHostMatching();
    for (int i = 0; i < configuration.virtualHosts().size(); i++) {
      VirtualHost virtualHost = configuration.virtualHosts().get(i);
      List<RouteEntry> routes = new ArrayList<>();
      for (int j = 0; j < virtualHost.routes().size(); j++) {
        Route route = virtualHost.routes().get(j);
        routes.add(
            Unfit.at(
                "virtual_hosts[" + i + "].routes[" + j + "]",
                () -> compile(configuration, virtualHost, route, filterNames, compileRoute)));
      }
      for (String domain : virtualHost.domains()) {
        put(domain.toLowerCase(Locale.ROOT), List.copyOf(routes));
      }
    }
    Comparator<Wildcard> longestFirst =
        Comparator.comparingInt(wildcard -> -wildcard.part().length());
    suffixes.sort(longestFirst);
    prefixes.sort(longestFirst);
  }

  private void put(String domain, List<RouteEntry> routes) {
    if (domain.equals("*")) {
      any = routes;
    } else if (domain.startsWith("*")) {
      suffixes.add(new Wildcard(domain.substring(1), routes));
    } else if (domain.endsWith("*")) {
      prefixes.add(new Wildcard(domain.substring(0, domain.length() - 1), routes));
    } else {
      exact.put(domain, routes);
    }
  }

  private static RouteEntry compile(
      RouteConfiguration table,
      VirtualHost virtualHost,
      Route route,
      List<String> filterNames,
      BiFunction<Integer, FilterConfig, Object> compileRoute) {
    // The most specific first, so that the least specific has the last word; or the other way
    // round.
    List<HeaderMutator> request =
        Unfit.at(
            "request_headers_to_add",
            () ->
                HeaderMutator.compile(
                    List.of(
                        route.requestHeaders(),
                        virtualHost.requestHeaders(),
                        table.requestHeaders()),
                    table.mostSpecificHeaderMutationsWins()));
    List<HeaderMutator> response =
        Unfit.at(
            "response_headers_to_add",
            () ->
                HeaderMutator.compile(
                    List.of(
                        route.responseHeaders(),
                        virtualHost.responseHeaders(),
                        table.responseHeaders()),
                    table.mostSpecificHeaderMutationsWins()));
    return new RouteEntry(
        route,
        virtualHost,
        new RouteMatcher(route.match()),
        request,
        response,
        own ->
            new FilterConfigs(
                List.of(
                    own, route.filterConfigs(), virtualHost.filterConfigs(), table.filterConfigs()),
                filterNames,
                compileRoute));
  }

  /** The first route that matches, of the virtual host that matches best; null for none. */
  public @Nullable RouteEntry match(Headers request) {
    List<RouteEntry> routes = routes(request);
    if (routes == null) {
      return null;
    }
    for (int i = 0; i < routes.size(); i++) {
      RouteEntry entry = routes.get(i);
      if (entry.matches(request)) {
        return entry;
      }
    }
    return null;
  }

  /**
   * The routes of {@code virtualHost} that stand before {@code route}, and why each does not match
   * {@code request}; all of them where there is no such route. For people: it looks through the
   * whole table.
   */
  public Map<String, String> passedOver(String virtualHost, String route, Headers request) {
    Map<String, String> passed = new LinkedHashMap<>();
    for (RouteEntry entry : routesOf(virtualHost)) {
      if (entry.name().equals(route)) {
        break;
      }
      String name = entry.name().isEmpty() ? "route " + (passed.size() + 1) : entry.name();
      passed.put(name, entry.mismatch(request));
    }
    return passed;
  }

  private List<RouteEntry> routesOf(String virtualHost) {
    return Stream.of(
            exact.values().stream(),
            suffixes.stream().map(Wildcard::routes),
            prefixes.stream().map(Wildcard::routes),
            Stream.ofNullable(any))
        .flatMap(each -> each)
        .filter(each -> !each.isEmpty() && each.getFirst().virtualHostName().equals(virtualHost))
        .findFirst()
        .orElse(List.of());
  }

  private @Nullable List<RouteEntry> routes(Headers request) {
    if (exact.isEmpty() && suffixes.isEmpty() && prefixes.isEmpty()) {
      return any;
    }
    String host = request.authority().toLowerCase(Locale.ROOT);
    if (ignorePort) {
      host = host.substring(0, Authority.portStart(host));
    }
    List<RouteEntry> found = exact.get(host);
    if (found != null) {
      return found;
    }
    for (Wildcard suffix : suffixes) {
      if (host.length() > suffix.part().length() && host.endsWith(suffix.part())) {
        return suffix.routes();
      }
    }
    for (Wildcard prefix : prefixes) {
      if (host.length() > prefix.part().length() && host.startsWith(prefix.part())) {
        return prefix.routes();
      }
    }
    return any;
  }
}
