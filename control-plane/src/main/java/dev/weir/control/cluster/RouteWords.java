package dev.weir.control.cluster;

import static dev.weir.control.cluster.SidecarConfig.map;
import static dev.weir.control.cluster.SidecarConfig.maps;
import static dev.weir.control.cluster.SidecarConfig.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A route of Envoy's, in few words. */
final class RouteWords {
  private RouteWords() {}

  /** {@code GET /stock* x-user~: "a.*"}. */
  static String match(Map<?, ?> match) {
    List<String> words = new ArrayList<>();
    if (match.containsKey("path")) {
      words.add(text(match, "path"));
    } else if (match.containsKey("path_separated_prefix")) {
      words.add(text(match, "path_separated_prefix") + "[/*]");
    } else if (match.containsKey("safe_regex")) {
      words.add("~" + text(map(match, "safe_regex"), "regex"));
    } else if (match.containsKey("prefix")) {
      words.add(text(match, "prefix") + "*");
    }
    for (Map<?, ?> header : maps(match.get("headers"))) {
      String value = value(header);
      words.add(
          text(header, "name").equals(":method") ? value : text(header, "name") + ":" + value);
    }
    for (Map<?, ?> parameter : maps(match.get("query_parameters"))) {
      words.add("?" + text(parameter, "name") + "=" + value(parameter));
    }
    if (match.containsKey("grpc")) {
      words.add("gRPC");
    }
    return String.join(" ", words);
  }

  private static String value(Map<?, ?> match) {
    Map<?, ?> string = map(match, "string_match");
    Map<?, ?> regex = map(string, "safe_regex");
    return regex.isEmpty() ? text(string, "exact") : "~" + text(regex, "regex");
  }

  /** The cluster, the clusters with their weights, or the answer. */
  static String destination(Map<?, ?> route) {
    Map<?, ?> action = map(route, "route");
    List<Map<?, ?>> weighted = maps(map(action, "weighted_clusters").get("clusters"));
    if (!weighted.isEmpty()) {
      return String.join(
          ", ",
          weighted.stream().map(one -> text(one, "name") + " x" + text(one, "weight")).toList());
    }
    if (action.containsKey("cluster")) {
      return text(action, "cluster");
    }
    if (route.containsKey("direct_response")) {
      return "answers " + text(map(route, "direct_response"), "status");
    }
    return route.containsKey("redirect") ? "redirects" : "";
  }
}
