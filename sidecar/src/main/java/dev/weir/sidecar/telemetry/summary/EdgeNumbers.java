package dev.weir.sidecar.telemetry.summary;

import dev.weir.sidecar.telemetry.edge.Edge;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The numbers that a stream knows edges by. Control thread. */
final class EdgeNumbers {
  /** So many at most, which a control plane takes. */
  static final int MOST = 10_000;

  private final Map<Edge, Integer> numbers = new HashMap<>();

  /** Null for none. */
  @Nullable Integer of(Edge edge) {
    return numbers.get(edge);
  }

  /** The first that is free. */
  int next() {
    return numbers.size() + 1;
  }

  /** The control plane knows these now, which were free. */
  void told(Map<Edge, Integer> fresh) {
    numbers.putAll(fresh);
  }
}
