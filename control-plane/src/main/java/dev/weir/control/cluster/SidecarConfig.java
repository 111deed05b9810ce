package dev.weir.control.cluster;

import dev.weir.cli.SidecarParts;
import dev.weir.control.json.JsonText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A part of what a sidecar has in force, by its admin page. */
public record SidecarConfig(Kind kind, List<Map<String, Object>> parts) {
  public SidecarConfig {
    parts = List.copyOf(parts);
  }

  /** The parts there are; endpoints have a page of their own. */
  public enum Kind {
    LISTENERS("/config_dump", "ListenersConfigDump"),
    ROUTES("/config_dump", "RoutesConfigDump"),
    CLUSTERS("/config_dump", "ClustersConfigDump"),
    ENDPOINTS("/clusters", "");

    private final String page;
    private final String message;

    Kind(String page, String message) {
      this.page = page;
      this.message = message;
    }

    /** Where it is told. */
    public String page() {
      return page;
    }
  }

  /**
   * Takes it out of the page.
   *
   * @throws IOException it is no such page
   */
  public static SidecarConfig of(Kind kind, String page) throws IOException {
    return new SidecarConfig(
        kind, kind == Kind.ENDPOINTS ? SidecarParts.endpoints(page) : dump(kind, page));
  }

  private static List<Map<String, Object>> dump(Kind kind, String page) throws IOException {
    if (JsonText.read(page) instanceof Map<?, ?> whole) {
      return SidecarParts.ofDump(whole, kind.message);
    }
    throw new IOException(kind.page + " is no map");
  }

  /** As a table, the heading first. */
  public List<List<String>> rows() {
    List<List<String>> rows = new ArrayList<>();
    switch (kind) {
      case LISTENERS -> {
        rows.add(List.of("LISTENER", "ADDRESS", "CHAIN", "MATCH", "TO", "STATE"));
        parts.forEach(part -> listeners(part, rows));
      }
      case ROUTES -> {
        rows.add(List.of("ROUTES", "ROUTE", "MATCH", "TO", "TIMEOUT", "RETRY", "STATE"));
        parts.forEach(part -> routes(part, rows));
      }
      case CLUSTERS -> {
        rows.add(List.of("CLUSTER", "TYPE", "BALANCING", "TLS", "STATE"));
        parts.forEach(part -> clusters(part, rows));
      }
      case ENDPOINTS -> {
        rows.add(List.of("CLUSTER", "ENDPOINT", "HEALTH", "WEIGHT", "ACTIVE"));
        parts.forEach(part ->
            rows.add(
                List.of(
                    text(part, "cluster"),
                    text(part, "address"),
                    text(part, "health_flags"),
                    text(part, "weight"),
                    text(part, "rq_active"))));
      }
    }
    return rows;
  }

  private static void listeners(Map<?, ?> dump, List<List<String>> rows) {
    maps(dump.get("static_listeners"))
        .forEach(one -> listener(map(one, "listener"), "static", rows));
    for (Map<?, ?> one : maps(dump.get("dynamic_listeners"))) {
      String state = state(one);
      Map<?, ?> active = map(one, "active_state");
      Map<?, ?> warming = map(one, "warming_state");
      if (!active.isEmpty()) {
        listener(map(active, "listener"), state, rows);
      }
      if (!warming.isEmpty()) {
        listener(map(warming, "listener"), state(one, "warming"), rows);
      }
      if (active.isEmpty() && warming.isEmpty()) {
        rows.add(List.of(text(one, "name"), "", "", "", "", state));
      }
    }
  }

  private static void listener(Map<?, ?> listener, String state, List<List<String>> rows) {
    Map<?, ?> socket = map(map(listener, "address"), "socket_address");
    String address = text(socket, "address") + ":" + text(socket, "port_value");
    List<Map<?, ?>> chains = new ArrayList<>(maps(listener.get("filter_chains")));
    Map<?, ?> otherwise = map(listener, "default_filter_chain");
    if (!otherwise.isEmpty()) {
      chains.add(otherwise);
    }
    for (Map<?, ?> chain : chains) {
      rows.add(
          List.of(
              text(listener, "name"),
              address,
              text(chain, "name"),
              match(map(chain, "filter_chain_match")),
              destination(chain),
              state));
    }
  }

  private static String match(Map<?, ?> match) {
    List<String> parts = new ArrayList<>();
    for (Map<?, ?> range : maps(match.get("prefix_ranges"))) {
      String length = text(range, "prefix_len");
      parts.add(text(range, "address_prefix") + (length.equals("32") ? "" : "/" + length));
    }
    String port = text(match, "destination_port");
    if (!port.isEmpty()) {
      parts.add("port " + port);
    }
    addWord(match, "transport_protocol", parts);
    addWords(match, "server_names", parts);
    addWords(match, "application_protocols", parts);
    return parts.isEmpty() ? "any" : String.join(" ", parts);
  }

  private static void addWord(Map<?, ?> match, String field, List<String> parts) {
    String text = text(match, field);
    if (!text.isEmpty()) {
      parts.add(text);
    }
  }

  private static void addWords(Map<?, ?> match, String field, List<String> parts) {
    if (match.get(field) instanceof List<?> words && !words.isEmpty()) {
      parts.add(String.join(",", words.stream().map(String::valueOf).toList()));
    }
  }

  /** Where the last filter of a chain leads. */
  private static String destination(Map<?, ?> chain) {
    List<Map<?, ?>> filters = maps(chain.get("filters"));
    if (filters.isEmpty()) {
      return "";
    }
    Map<?, ?> config = map(filters.getLast(), "typed_config");
    String routes = text(map(config, "rds"), "route_config_name");
    if (!routes.isEmpty()) {
      return "routes " + routes;
    }
    return config.containsKey("route_config")
        ? "routes of its own"
        : config.containsKey("cluster") ? "cluster " + text(config, "cluster") : "";
  }

  private static void routes(Map<?, ?> dump, List<List<String>> rows) {
    maps(dump.get("static_route_configs"))
        .forEach(one -> routeConfig(map(one, "route_config"), "static", rows));
    maps(dump.get("dynamic_route_configs"))
        .forEach(one -> routeConfig(map(one, "route_config"), state(one), rows));
  }

  private static void routeConfig(Map<?, ?> config, String state, List<List<String>> rows) {
    List<Map<?, ?>> hosts = maps(config.get("virtual_hosts"));
    if (hosts.isEmpty()) {
      rows.add(List.of(text(config, "name"), "", "", "", "", "", state));
    }
    for (Map<?, ?> host : hosts) {
      for (Map<?, ?> route : maps(host.get("routes"))) {
        Map<?, ?> action = map(route, "route");
        Map<?, ?> retry = map(action, "retry_policy");
        rows.add(
            List.of(
                text(config, "name"),
                text(route, "name"),
                RouteWords.match(map(route, "match")),
                RouteWords.destination(route),
                text(action, "timeout"),
                retry.isEmpty()
                    ? ""
                    : "%s on %s".formatted(text(retry, "num_retries"), text(retry, "retry_on")),
                state));
      }
    }
  }

  private static void clusters(Map<?, ?> dump, List<List<String>> rows) {
    maps(dump.get("static_clusters")).forEach(one -> cluster(map(one, "cluster"), "static", rows));
    maps(dump.get("dynamic_active_clusters"))
        .forEach(one -> cluster(map(one, "cluster"), state(one), rows));
    maps(dump.get("dynamic_warming_clusters"))
        .forEach(one -> cluster(map(one, "cluster"), state(one, "warming"), rows));
  }

  private static void cluster(Map<?, ?> cluster, String state, List<List<String>> rows) {
    boolean tls =
        !map(cluster, "transport_socket").isEmpty()
            || !maps(cluster.get("transport_socket_matches")).isEmpty();
    rows.add(
        List.of(
            text(cluster, "name"),
            or(text(cluster, "type"), "STATIC"),
            or(text(cluster, "lb_policy"), "ROUND_ROBIN"),
            tls ? "yes" : "",
            state));
  }

  private static String or(String text, String otherwise) {
    return text.isEmpty() ? otherwise : text;
  }

  private static String state(Map<?, ?> entry) {
    return state(entry, "in force");
  }

  /**
   * @param otherwise of one that is there, and was not refused
   */
  private static String state(Map<?, ?> entry, String otherwise) {
    String refused = text(map(entry, "error_state"), "details");
    if (!refused.isEmpty()) {
      return "refused: " + refused;
    }
    boolean there = !text(entry, "version_info").isEmpty();
    return switch (text(entry, "client_status")) {
      case "REQUESTED" -> "asked for";
      case "DOES_NOT_EXIST" -> there ? otherwise : "does not exist";
      default -> otherwise;
    };
  }

  static List<Map<?, ?>> maps(@Nullable Object value) {
    List<Map<?, ?>> maps = new ArrayList<>();
    if (value instanceof List<?> items) {
      for (Object item : items) {
        if (item instanceof Map<?, ?> map) {
          maps.add(map);
        }
      }
    }
    return maps;
  }

  static Map<?, ?> map(Map<?, ?> fields, String name) {
    return fields.get(name) instanceof Map<?, ?> map ? map : Map.of();
  }

  static String text(Map<?, ?> fields, String name) {
    Object value = fields.get(name);
    return value == null ? "" : value.toString();
  }
}
