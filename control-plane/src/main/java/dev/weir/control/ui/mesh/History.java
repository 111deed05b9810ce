package dev.weir.control.ui.mesh;

import dev.weir.control.traffic.Edge;
import dev.weir.control.traffic.Outcome;
import dev.weir.control.traffic.Reporter;
import dev.weir.control.traffic.Tier;
import dev.weir.control.traffic.Totals;
import dev.weir.control.traffic.TrafficStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What came of the calls of some edges over time, for a chart. Not for several threads. */
final class History {
  private static final int MOST_POINTS = 240;
  private static final int MOST_CAUSES = 8;
  private static final long MINUTE = 60_000;

  private final long begin;
  private final long step;
  private final Totals[] all;
  private final long[] bySource;
  private final long[] byDestination;
  private final Map<EdgeSum.Why, long[][]> causes = new HashMap<>();
  private final Map<EdgeSum.Why, long[][]> shadows = new HashMap<>();

  private History(long begin, long step, int points) {
    this.begin = begin;
    this.step = step;
    this.all = new Totals[points];
    this.bySource = new long[points];
    this.byDestination = new long[points];
    for (int i = 0; i < points; i++) {
      all[i] = new Totals();
    }
  }

  /**
   * Reads.
   *
   * @param minutes up to a day
   * @param now since the epoch; the step that is not over is left out
   */
  static History of(TrafficStore store, int minutes, long now, Predicate<Edge> wanted) {
    Tier tier = Tier.of(Duration.ofMinutes(minutes));
    long finest = tier.step().toMillis();
    long span = minutes * MINUTE;
    long step = Math.ceilDiv(span, MOST_POINTS * finest) * finest;
    int points = (int) (span / step);
    long end = Math.floorDiv(now, step) * step;
    History history = new History(end - points * step, step, points);
    Set<Edge> bySource = new HashSet<>();
    // Sources come first: of an edge that both tell of, who calls has seen all.
    store.forEach(
        tier,
        history.begin,
        end,
        wanted,
        (edge, reporter, millis, cell) -> {
          int at = (int) ((millis - history.begin) / step);
          boolean source = reporter == Reporter.SOURCE;
          if (source) {
            bySource.add(edge);
          }
          (source ? history.bySource : history.byDestination)[at] += cell.requests();
          boolean whole = source || !bySource.contains(edge);
          if (whole) {
            history.all[at].add(cell);
          }
          cell.forEach((outcome, count) -> {
            if (outcome.failed() && (whole || !outcome.cause().isEmpty())) {
              history.count(history.causes, EdgeSum.Why.of(outcome), reporter, at, count);
            }
            if (!outcome.shadowCause().isEmpty()) {
              history.count(history.shadows, EdgeSum.Why.shadow(outcome), reporter, at, count);
            }
          });
        });
    return history;
  }

  /** The first of the two is who calls. */
  private void count(
      Map<EdgeSum.Why, long[][]> by, EdgeSum.Why why, Reporter reporter, int at, long count) {
    long[][] counts = by.computeIfAbsent(why, each -> new long[2][all.length]);
    counts[reporter == Reporter.SOURCE ? 0 : 1][at] += count;
  }

  private static Map<EdgeSum.Why, long[]> told(Map<EdgeSum.Why, long[][]> byReporter) {
    Map<EdgeSum.Why, long[]> told = new HashMap<>();
    byReporter.forEach((why, counts) -> {
      long[] both = counts[0].clone();
      Arrays.setAll(both, i -> Math.max(both[i], counts[1][i]));
      told.put(why, both);
    });
    return told;
  }

  /** For JSON. */
  Map<String, Object> fields(PolicyNames names) {
    long[] requests = new long[all.length];
    double[] p99 = new double[all.length];
    long[] failures = new long[all.length];
    for (int i = 0; i < all.length; i++) {
      requests[i] = all[i].requests();
      p99[i] = Numbers.rounded(all[i].durations().quantileMillis(0.99));
    }
    Map<EdgeSum.Why, long[]> told = told(causes);
    told.values()
        .forEach(
            counts -> Arrays.setAll(failures, i -> Math.min(requests[i], failures[i] + counts[i])));
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("begin", begin);
    fields.put("step", step);
    fields.put("requests", requests);
    fields.put("failures", failures);
    fields.put("p99", p99);
    fields.put("bySource", bySource);
    fields.put("byDestination", byDestination);
    fields.put("causes", causes(told, names));
    fields.put("shadows", causes(told(shadows), names));
    return fields;
  }

  private static List<Map<String, Object>> causes(
      Map<EdgeSum.Why, long[]> told, PolicyNames names) {
    return told.entrySet().stream()
        .sorted(
            java.util.Comparator.<Map.Entry<EdgeSum.Why, long[]>>comparingLong(
                    each -> -Arrays.stream(each.getValue()).sum())
                .thenComparing(each -> each.getKey().toString()))
        .limit(MOST_CAUSES)
        .map(each -> {
          Map<String, Object> fields = each.getKey().fields(names);
          fields.put("counts", each.getValue());
          return fields;
        })
        .toList();
  }

  /** How often a policy was what ended a call, in all of the time; in shadow mode, would have. */
  static long refused(Map<Outcome, Long> outcomes, String policy, String kind, boolean shadow) {
    long refused = 0;
    for (Map.Entry<Outcome, Long> each : outcomes.entrySet()) {
      Outcome outcome = each.getKey();
      String by = shadow ? outcome.shadowPolicy() : outcome.policy();
      String cause = shadow ? outcome.shadowCause() : outcome.cause();
      if (by.equals(policy) && PolicyNames.kindOf(cause).equals(kind)) {
        refused += each.getValue();
      }
    }
    return refused;
  }
}
