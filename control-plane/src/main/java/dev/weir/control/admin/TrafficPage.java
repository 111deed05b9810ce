package dev.weir.control.admin;

import dev.weir.control.traffic.Edge;
import dev.weir.control.traffic.Outcome;
import dev.weir.control.traffic.Reporter;
import dev.weir.control.traffic.Tier;
import dev.weir.control.traffic.Totals;
import dev.weir.control.traffic.TrafficStore;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * {@code /traffic?seconds=60}: who called whom of late, and what came of it, as {@code weir graph
 * -o json} has it: by the caller's word where there is one, else by the callee's. Any thread.
 */
public final class TrafficPage {
  private static final int DEFAULT_SECONDS = 60;
  private static final int MOST_SECONDS = (int) Duration.ofDays(1).toSeconds();

  private final TrafficStore store;
  private final Clock clock;

  public TrafficPage(TrafficStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  private static int seconds(Map<String, String> query) {
    String text = query.getOrDefault("seconds", Integer.toString(DEFAULT_SECONDS));
    if (!text.matches("[1-9][0-9]{0,4}") || Integer.parseInt(text) > MOST_SECONDS) {
      throw new IllegalArgumentException("seconds: is no number from 1 to " + MOST_SECONDS);
    }
    return Integer.parseInt(text);
  }

  /**
   * @throws IllegalArgumentException what is asked for cannot be
   */
  public Object of(Map<String, String> query) {
    int seconds = seconds(query);
    long now = clock.millis();
    Duration time = Duration.ofSeconds(seconds);
    long from = now - time.toMillis();
    Map<Edge, Totals> bySource = new HashMap<>();
    Map<Edge, Totals> byDestination = new HashMap<>();
    store.forEach(
        Tier.of(time),
        from,
        Long.MAX_VALUE,
        edge -> true,
        (edge, reporter, begin, cell) ->
            (reporter == Reporter.SOURCE ? bySource : byDestination)
                .computeIfAbsent(edge, each -> new Totals())
                .add(cell));
    TreeMap<Edge, Totals> edges =
        new TreeMap<>(
            Comparator.comparing(Edge::source)
                .thenComparing(Edge::destination)
                .thenComparingInt(Edge::port));
    edges.putAll(bySource);
    byDestination.forEach(edges::putIfAbsent);
    List<Object> rows = new ArrayList<>();
    edges.forEach((edge, totals) -> rows.add(row(edge, totals, seconds)));
    return rows;
  }

  private static Map<String, Object> row(Edge edge, Totals totals, int seconds) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("from", edge.source().equals("unknown/unknown") ? "outside" : edge.source());
    row.put("to", edge.port() == 0 ? edge.destination() : edge.destination() + ":" + edge.port());
    row.put("protocol", protocol(totals.outcomes()));
    row.put("per_second", rounded(totals.requests() / (double) seconds));
    row.put("success", rounded(totals.success()));
    row.put("p50_ms", rounded(totals.durations().quantileMillis(0.5)));
    row.put("p99_ms", rounded(totals.durations().quantileMillis(0.99)));
    row.put("causes", causes(totals.outcomes()));
    return row;
  }

  /** That of most calls. */
  private static String protocol(Map<Outcome, Long> outcomes) {
    Map<String, Long> counts = new TreeMap<>();
    outcomes.forEach((outcome, count) -> counts.merge(outcome.protocol(), count, Long::sum));
    return counts.entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse("");
  }

  /** {@code rate-limited by shop/inventory 12, breaker-open by shop/cart 3}; the most first. */
  private static String causes(Map<Outcome, Long> outcomes) {
    Map<String, Long> causes = new TreeMap<>();
    outcomes.forEach((outcome, count) -> {
      if (!outcome.cause().isEmpty()) {
        String by = outcome.policy().isEmpty() ? "" : " by " + outcome.policy();
        causes.merge(outcome.cause() + by, count, Long::sum);
      }
    });
    return causes.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .map(each -> each.getKey() + " " + each.getValue())
        .collect(Collectors.joining(", "));
  }

  private static double rounded(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
