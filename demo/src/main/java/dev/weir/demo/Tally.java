package dev.weir.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Answers, counted. Any thread. */
final class Tally {
  private static final int MAX_LATENCIES = 100_000;

  private final Map<Answer.Kind, Integer> kinds = new TreeMap<>();
  private final List<Long> latencies = new ArrayList<>();
  private int total;

  synchronized void add(Answer answer) {
    total++;
    kinds.merge(answer.kind(), 1, Integer::sum);
    if (latencies.size() < MAX_LATENCIES) {
      latencies.add(answer.nanos());
    }
  }

  synchronized int total() {
    return total;
  }

  synchronized int count(Predicate<Answer.Kind> which) {
    return kinds.entrySet().stream()
        .filter(entry -> which.test(entry.getKey()))
        .mapToInt(Map.Entry::getValue)
        .sum();
  }

  int failed() {
    return count(kind -> kind.status() != 200);
  }

  /** In milliseconds; 0 without answers. */
  synchronized double percentile(double share) {
    if (latencies.isEmpty()) {
      return 0;
    }
    List<Long> sorted = latencies.stream().sorted().toList();
    return sorted.get((int) Math.min(sorted.size() - 1, share * sorted.size())) / 1e6;
  }

  /** As {@code 200: 80, 429 rate-limited: 20}. */
  @Override
  public synchronized String toString() {
    return String.join(
        ", ",
        kinds.entrySet().stream().map(entry -> entry.getKey() + ": " + entry.getValue()).toList());
  }
}
