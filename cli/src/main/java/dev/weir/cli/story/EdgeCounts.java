package dev.weir.cli.story;

import java.util.List;
import java.util.TreeMap;

/**
 * What came of the calls of one edge in some time: how many, how many of them failed, why, and how
 * long they took. Not for several threads.
 */
final class EdgeCounts {
  /** As sidecars count: buckets to a power of two of a second. */
  private static final double TO_A_POWER = 8;

  private static final double MILLIS = 1000;

  private long calls;
  private long failed;
  private final TreeMap<Integer, Long> durations = new TreeMap<>();
  private final TreeMap<String, Long> causes = new TreeMap<>();

  /**
   * Adds what {@code now} has over {@code before}.
   *
   * @param before of the same edge and sidecar; without a count for nothing
   */
  void add(Facts now, Facts before) {
    // One that has begun anew since then counts from nothing.
    boolean anew = now.number("count") < before.number("count");
    Facts then = anew ? Facts.of(List.of()) : before;
    long more = (long) (now.number("count") - then.number("count"));
    if (more <= 0) {
      return;
    }
    calls += more;
    if (isFailure(now)) {
      failed += more;
    }
    if (now.has("cause")) {
      causes.merge(now.text("cause"), more, Long::sum);
    }
    count(now, 1);
    count(then, -1);
  }

  /**
   * What a caller cannot take for an answer: refused by the mesh, no response, a server's fault.
   */
  private static boolean isFailure(Facts edge) {
    return edge.has("cause")
        || List.of("5xx", "none").contains(edge.text("response_class"))
        || List.of("2", "4", "12", "13", "14", "15").contains(edge.text("grpc_status"));
  }

  private void count(Facts edge, int sign) {
    int bucket = edge.whole("first");
    for (String each : edge.texts("counts")) {
      durations.merge(bucket, sign * (long) Double.parseDouble(each), Long::sum);
      bucket++;
    }
  }

  void add(EdgeCounts other) {
    calls += other.calls;
    failed += other.failed;
    other.durations.forEach((bucket, count) -> durations.merge(bucket, count, Long::sum));
    other.causes.forEach((cause, count) -> causes.merge(cause, count, Long::sum));
  }

  long calls() {
    return calls;
  }

  /** Of all, 0 to 1; 1 for none. */
  double success() {
    return calls == 0 ? 1 : 1 - failed / (double) calls;
  }

  /** What a share of them took at most, in milliseconds. */
  double quantileMillis(double share) {
    long rank = Math.max(1, (long) Math.ceil(calls * share));
    for (var each : durations.entrySet()) {
      rank -= each.getValue();
      if (rank <= 0) {
        return Math.pow(2, each.getKey() / TO_A_POWER) * MILLIS;
      }
    }
    return 0;
  }

  /** {@code rate-limited 12, breaker-open 3}; empty for none. */
  String causes() {
    return String.join(
        ", ",
        causes.entrySet().stream()
            .sorted(
                java.util.Map.Entry.<String, Long>comparingByValue()
                    .reversed()
                    .thenComparing(java.util.Map.Entry.comparingByKey()))
            .map(each -> each.getKey() + " " + each.getValue())
            .toList());
  }
}
