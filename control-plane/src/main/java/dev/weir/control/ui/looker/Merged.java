package dev.weir.control.ui.looker;

import dev.weir.control.json.JsonText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One page of the answers of several control planes, each of which was told by the sidecars that
 * are connected to it. Of an edge whose two sides told two of them, the side that calls counts.
 */
final class Merged {
  private static final long ABOUT_MILLIS = 10_000;

  private Merged() {}

  /**
   * A page as JSON.
   *
   * @param name of the page
   * @param answers of those that answered, one at least
   * @throws IOException one of them is no JSON
   */
  static String of(String name, List<String> answers) throws IOException {
    if (answers.size() == 1) {
      return answers.getFirst();
    }
    List<Object> read = new ArrayList<>();
    for (String answer : answers) {
      Object value = JsonText.read(answer);
      read.add(value == null ? List.of() : value);
    }
    return JsonText.compact(
        switch (name) {
          case "proxies" -> all(read);
          case "events" -> events(read);
          case "policies" -> policies(read);
          case "topology", "service", "policy" -> whole(read);
          default -> read.getFirst(); // what each of them says
        });
  }

  private static List<Object> all(List<Object> lists) {
    return lists.stream().flatMap(list -> items(list).stream()).toList();
  }

  /** Each once: of an edit all control planes tell, at about the same time. */
  private static List<Object> events(List<Object> lists) {
    Map<Map<String, Object>, Object> events = new LinkedHashMap<>();
    for (Object event : all(lists)) {
      Map<String, Object> key = map(event);
      key.put("at", number(key, "at") / ABOUT_MILLIS);
      events.putIfAbsent(key, event);
    }
    return List.copyOf(events.values());
  }

  private static List<Object> policies(List<Object> lists) {
    Map<Object, Map<String, Object>> byName = new LinkedHashMap<>();
    for (Object list : lists) {
      for (Object item : items(list)) {
        Map<String, Object> policy = map(item);
        Map<String, Object> known = byName.putIfAbsent(policy.get("resource"), policy);
        if (known != null) {
          for (String count : List.of("refused", "wouldRefuse")) {
            known.put(count, number(known, count) + number(policy, count));
          }
        }
      }
    }
    return List.copyOf(byName.values());
  }

  /** What each says alike is the first one's; what they were told is put together. */
  private static Map<String, Object> whole(List<Object> pages) {
    Map<String, Object> whole = map(pages.getFirst());
    for (String key : List.of("edges", "callers", "calls")) {
      if (whole.containsKey(key)) {
        whole.put(key, edges(parts(pages, key)));
      }
    }
    if (whole.containsKey("events")) {
      whole.put("events", events(parts(pages, "events")));
    }
    if (whole.containsKey("history")) {
      whole.put("history", Histories.merged(parts(pages, "history")));
    }
    return whole;
  }

  private static List<Object> parts(List<Object> pages, String key) {
    List<Object> parts = new ArrayList<>();
    for (Object page : pages) {
      Object part = map(page).get(key);
      if (part != null) {
        parts.add(part);
      }
    }
    return parts;
  }

  private static List<Object> edges(List<Object> lists) {
    Map<List<Object>, List<Map<String, Object>>> byEdge = new LinkedHashMap<>();
    for (Object list : lists) {
      for (Object item : items(list)) {
        Map<String, Object> edge = map(item);
        byEdge
            .computeIfAbsent(
                List.of(
                    String.valueOf(edge.get("from")),
                    String.valueOf(edge.get("to")),
                    String.valueOf(edge.get("port"))),
                key -> new ArrayList<>())
            .add(edge);
      }
    }
    return byEdge.values().stream().<Object>map(Merged::edge).toList();
  }

  private static Map<String, Object> edge(List<Map<String, Object>> told) {
    List<Map<String, Object>> bySource = by(told, "source");
    List<Map<String, Object>> counted = bySource.isEmpty() ? told : bySource;
    Map<String, Object> edge = new LinkedHashMap<>(counted.getFirst());
    double rps = sum(counted, "rps");
    double failed =
        Math.max(
            sum(counted, "failed"),
            counted.equals(told) ? 0 : sum(by(told, "destination"), "failed"));
    double calls = sum(counted, "requests");
    edge.put("rps", Math.round(rps * 1000) / 1000.0);
    edge.put("requests", (long) calls);
    edge.put("failed", (long) Math.min(calls, failed));
    edge.put("success", calls == 0 ? 1 : Math.floor((1 - Math.min(1, failed / calls)) * 1e4) / 1e4);
    for (String share : List.of("p50", "p99")) {
      edge.put(share, counted.stream().mapToDouble(each -> number(each, share)).max().orElse(0));
    }
    edge.put("causes", causes(told, !bySource.isEmpty()));
    return edge;
  }

  private static List<Map<String, Object>> by(List<Map<String, Object>> told, String side) {
    return told.stream().filter(each -> side.equals(each.get("by"))).toList();
  }

  /**
   * @param sourceTold what an app answered counts as who called has seen it
   */
  private static List<Map<String, Object>> causes(
      List<Map<String, Object>> told, boolean sourceTold) {
    Map<List<Object>, Map<String, Object>> causes = new LinkedHashMap<>();
    for (Map<String, Object> edge : told) {
      boolean source = "source".equals(edge.get("by"));
      for (Object item : items(edge.get("causes"))) {
        Map<String, Object> cause = map(item);
        if (!source && sourceTold && "".equals(cause.get("cause"))) {
          continue;
        }
        Map<String, Object> known = causes.putIfAbsent(Histories.why(cause), cause);
        if (known != null) {
          known.put("count", number(known, "count") + number(cause, "count"));
        }
      }
    }
    return causes.values().stream()
        .sorted(
            Comparator.comparingLong((Map<String, Object> each) -> number(each, "count"))
                .reversed())
        .toList();
  }

  private static double sum(List<Map<String, Object>> maps, String key) {
    return maps.stream()
        .mapToDouble(each -> each.get(key) instanceof Number number ? number.doubleValue() : 0)
        .sum();
  }

  private static long number(Map<String, Object> of, String key) {
    return of.get(key) instanceof Number number ? number.longValue() : 0;
  }

  /** A copy, to be changed. */
  static Map<String, Object> map(Object value) {
    Map<String, Object> copy = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, item) -> copy.put(String.valueOf(key), item));
    }
    return copy;
  }

  static List<Object> items(@Nullable Object value) {
    return value instanceof List<?> list ? new ArrayList<>(list) : List.of();
  }
}
