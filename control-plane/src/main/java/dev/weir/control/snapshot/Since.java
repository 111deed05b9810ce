package dev.weir.control.snapshot;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What makes something another than it was: looked for once for all who come from the same one.
 * Control thread.
 */
final class Since<T, C> {
  private final int most;
  private @Nullable List<Way<T, C>> ways;

  /** Weak, or each would keep all that were before it. */
  private record Way<T, C>(WeakReference<T> before, C changes) {}

  /**
   * @param most so many ways are kept; who comes by another pays for it by itself
   */
  Since(int most) {
    this.most = most;
  }

  /**
   * @param find is asked if nobody came from {@code before} of late
   */
  C from(T before, Function<T, C> find) {
    if (ways != null) {
      for (Way<T, C> way : ways) {
        if (way.before.refersTo(before)) {
          return way.changes;
        }
      }
    }
    C changes = find.apply(before);
    if (ways == null) {
      ways = new ArrayList<>(1);
    } else if (ways.size() == most) {
      ways.removeFirst();
    }
    ways.add(new Way<>(new WeakReference<>(before), changes));
    return changes;
  }
}
