package dev.weir.sidecar.stats;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of one live thing, and how they end with it. Several scopes may hold a statistic
 * of the same name: it is one, and lasts as long as any of them. Any thread.
 */
public final class StatScope implements AutoCloseable {
  /** Of what is no more: whatever is counted by it is told to nobody. */
  public static final StatScope NOWHERE = new StatScope(null);

  private final @Nullable Stats stats;
  private final List<Stats.Held> held = new ArrayList<>(1);
  private boolean closed;

  StatScope(@Nullable Stats stats) {
    this.stats = stats;
  }

  public int counter(StatName name) {
    return hold(name, Stats.Kind.COUNTER);
  }

  public int gauge(StatName name) {
    return hold(name, Stats.Kind.GAUGE);
  }

  /** Values in milliseconds, as Envoy's. */
  public int histogram(StatName name) {
    return hold(name, Stats.Kind.HISTOGRAM);
  }

  private synchronized int hold(StatName name, Stats.Kind kind) {
    if (stats == null || closed) {
      return Stats.NOWHERE;
    }
    Stats.Held one = stats.hold(name, kind);
    held.add(one);
    return kind == Stats.Kind.HISTOGRAM ? one.histogram() : one.scalar();
  }

  synchronized StatFamily.Names hold(StatFamily<?> family, String tag) {
    if (stats == null || closed) {
      return (name, kind) -> Stats.NOWHERE;
    }
    Stats.Held all = stats.hold(family, tag);
    held.add(all);
    int[] next = {all.scalar(), all.histogram()};
    return (name, kind) -> next[kind == Stats.Kind.HISTOGRAM ? 1 : 0]++;
  }

  /**
   * Lets all of them go; there are no more after that. Before it is called, whoever keeps their
   * places has put {@link Stats#NOWHERE} there, or is used by nobody; what a loop is at just now
   * may still count there: the places become another's only after each loop has gone on to
   * something else.
   */
  @Override
  public synchronized void close() {
    closed = true;
    if (stats != null && !held.isEmpty()) {
      stats.letGo(held);
      held.clear();
    }
  }
}
