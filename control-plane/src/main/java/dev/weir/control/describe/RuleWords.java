package dev.weir.control.describe;

import dev.weir.control.model.HttpMatch;
import dev.weir.control.model.HttpMatch.PathMatch;
import dev.weir.control.model.HttpMatch.ValueType;
import dev.weir.control.model.Route;
import dev.weir.control.model.Route.Backend;
import dev.weir.control.model.ServicePort;
import dev.weir.control.model.StreamRoute;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A rule of a route, in few words. */
final class RuleWords {
  private RuleWords() {}

  /** {@code GET /stock/* x-user: ann}; an expression has a tilde before it. */
  static String match(HttpMatch match) {
    List<String> words = new ArrayList<>();
    if (match.method() != null) {
      words.add(match.method().name());
    }
    PathMatch path = match.path();
    if (path != null) {
      words.add(
          switch (path.type()) {
            case EXACT -> path.value();
            case PATH_PREFIX -> path.value().equals("/") ? "/*" : path.value() + "[/*]";
            case REGULAR_EXPRESSION -> "~" + path.value();
          });
    }
    match.headers().forEach(one -> words.add(one.name() + ": " + value(one.type(), one.value())));
    match
        .queryParams()
        .forEach(one -> words.add("?" + one.name() + "=" + value(one.type(), one.value())));
    return words.isEmpty() ? "any" : String.join(" ", words);
  }

  private static String value(ValueType type, String value) {
    return type == ValueType.REGULAR_EXPRESSION ? "~" + value : value;
  }

  /** Its backends with their shares, where there are several; or the answer. */
  static String leadsTo(Route.Rule rule) {
    if (rule.filters().redirect().isPresent()) {
      return "redirects, " + rule.filters().redirect().get().status();
    }
    List<Backend> backends =
        rule.backends().stream().filter(backend -> backend.weight() > 0).toList();
    if (backends.isEmpty()) {
      return "nowhere: answered 500";
    }
    return shares(
        backends.stream().map(backend -> Map.entry(backend.target(), backend.weight())).toList());
  }

  /** As of a rule, of connections. */
  static String leadsTo(StreamRoute route) {
    List<Map.Entry<ServicePort, Integer>> backends =
        route.backends().stream()
            .filter(backend -> backend.weight() > 0 && !backend.isNowhere())
            .map(backend -> Map.entry(backend.target(), backend.weight()))
            .toList();
    return backends.isEmpty() ? "nowhere: closed" : shares(backends);
  }

  private static String shares(List<Map.Entry<ServicePort, Integer>> backends) {
    long sum = backends.stream().mapToLong(Map.Entry::getValue).sum();
    return backends.stream()
        .map(backend ->
            backend.getKey()
                + (backends.size() == 1 ? "" : " (%d of %d)".formatted(backend.getValue(), sum)))
        .collect(Collectors.joining(", "));
  }
}
