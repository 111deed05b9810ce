package dev.weir.sidecar.stats;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The same counters for each of the values that a label takes while it goes on, made when a value
 * is first seen. Bounded: whatever comes when there are enough is {@link #OTHERS}. Any thread.
 */
public final class Labelled {
  /** The value for what has none of its own. */
  public static final String OTHERS = "others";

  private final StatScope scope;
  private final List<StatName> names;
  private final String label;
  private final int most;
  private final ConcurrentHashMap<String, int[]> places = new ConcurrentHashMap<>();

  /**
   * @param most values that get counters of their own
   */
  public Labelled(StatScope scope, List<StatName> names, String label, int most) {
    this.scope = scope;
    this.names = List.copyOf(names);
    this.label = label;
    this.most = most;
  }

  /** The places of the counters for {@code value}, in the order of the names. */
  public int[] of(String value) {
    int[] known = places.get(value);
    if (known != null) {
      return known;
    }
    return places.computeIfAbsent(places.size() < most ? value : OTHERS, this::make);
  }

  private int[] make(String value) {
    return names.stream().mapToInt(name -> scope.counter(name.with(label, value))).toArray();
  }
}
