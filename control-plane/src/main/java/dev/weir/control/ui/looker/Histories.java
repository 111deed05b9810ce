package dev.weir.control.ui.looker;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One history of several. A call is told of by who calls and by the other side: of the two sums the
 * greater one counts, which is right where all callers have sidecars, and where none has.
 */
final class Histories {
  private Histories() {}

  /** Those that have as many steps as the first, each as long; their clocks may differ a little. */
  static Map<String, Object> merged(List<Object> histories) {
    Map<String, Object> first = Merged.map(histories.getFirst());
    int points = Merged.items(first.get("requests")).size();
    double[] bySource = new double[points];
    double[] byDestination = new double[points];
    double[] p99 = new double[points];
    for (Object each : histories) {
      Map<String, Object> history = Merged.map(each);
      add(bySource, history.get("bySource"));
      add(byDestination, history.get("byDestination"));
      double[] own = new double[points];
      add(own, history.get("p99"));
      Arrays.setAll(p99, i -> Math.max(p99[i], own[i]));
    }
    List<Map<String, Object>> causes = causes(histories, "causes", points);
    double[] requests = new double[points];
    Arrays.setAll(requests, i -> Math.max(bySource[i], byDestination[i]));
    double[] failures = new double[points];
    causes.forEach(cause -> add(failures, cause.get("counts")));
    Arrays.setAll(failures, i -> Math.min(requests[i], failures[i]));
    first.put("requests", whole(requests));
    first.put("failures", whole(failures));
    first.put("p99", p99);
    first.put("bySource", whole(bySource));
    first.put("byDestination", whole(byDestination));
    first.put("causes", causes);
    first.put("shadows", causes(histories, "shadows", points));
    return first;
  }

  private static List<Map<String, Object>> causes(List<Object> histories, String key, int points) {
    Map<List<Object>, Map<String, Object>> causes = new LinkedHashMap<>();
    for (Object history : histories) {
      for (Object item : Merged.items(Merged.map(history).get(key))) {
        Map<String, Object> cause = Merged.map(item);
        Map<String, Object> known = causes.putIfAbsent(why(cause), cause);
        if (known != null) {
          double[] counts = new double[points];
          add(counts, known.get("counts"));
          add(counts, cause.get("counts"));
          known.put("counts", whole(counts));
        }
      }
    }
    return new ArrayList<>(causes.values());
  }

  /** What tells causes apart. */
  static List<Object> why(Map<String, Object> cause) {
    return List.of(
        String.valueOf(cause.get("cause")),
        String.valueOf(cause.get("policy")),
        String.valueOf(cause.get("answer")));
  }

  private static void add(double[] to, @Nullable Object counts) {
    List<Object> items = Merged.items(counts);
    for (int i = 0; i < Math.min(to.length, items.size()); i++) {
      to[i] += items.get(i) instanceof Number number ? number.doubleValue() : 0;
    }
  }

  private static List<Object> whole(double[] values) {
    return Arrays.stream(values).<Object>mapToObj(value -> (long) value).toList();
  }
}
