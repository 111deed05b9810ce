package dev.weir.sidecar.stats;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All statistics of a process. Making one and reading is for any thread and takes a lock; counting
 * is for the loops and takes none, see {@link StatSlab}.
 */
public final class Stats {
  public enum Kind {
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  /** One statistic: {@code index} is its place in every slab. */
  public record Stat(StatName name, Kind kind, int index) {}

  /** A statistic and its value, summed over all loops. */
  public record Reading(
      StatName name, Kind kind, long value, Optional<Histogram.Summary> summary) {}

  private final List<StatSlab> slabs = new ArrayList<>();
  private final Map<StatName, Stat> byName = new HashMap<>();
  private int scalars;
  private int histograms;

  /**
   * @param slabs one for each loop, and one more, the last, for all other threads
   */
  public Stats(int slabs) {
    for (int i = 0; i < slabs; i++) {
      this.slabs.add(new StatSlab());
    }
  }

  /** The slab of loop {@code index}; only its thread writes to it. */
  public StatSlab slab(int index) {
    return slabs.get(index);
  }

  public int counter(StatName name) {
    return make(name, Kind.COUNTER).index();
  }

  public int gauge(StatName name) {
    return make(name, Kind.GAUGE).index();
  }

  /** Values in milliseconds, as Envoy's. */
  public int histogram(StatName name) {
    return make(name, Kind.HISTOGRAM).index();
  }

  private synchronized Stat make(StatName name, Kind kind) {
    Stat known = byName.get(name);
    if (known != null) {
      if (known.kind() != kind) {
        throw new IllegalArgumentException(
            name.text() + " is a " + known.kind() + ", not a " + kind);
      }
      return known;
    }
    Stat stat = new Stat(name, kind, kind == Kind.HISTOGRAM ? histograms++ : scalars++);
    byName.put(name, stat);
    return stat;
  }

  /** Adds to a counter or gauge from a thread that is no loop. Any thread. */
  public synchronized void add(int index, long change) {
    slabs.getLast().add(index, change);
  }

  /** The value of one counter or gauge. Any thread. */
  public long value(int index) {
    long sum = 0;
    for (StatSlab slab : slabs) {
      sum += slab.value(index);
    }
    return sum;
  }

  /** Every statistic that was ever counted, by name. Any thread. */
  public List<Reading> read() {
    List<Stat> stats;
    synchronized (this) {
      stats = new ArrayList<>(byName.values());
    }
    List<Reading> readings = new ArrayList<>(stats.size());
    for (Stat stat : stats) {
      if (stat.kind() != Kind.HISTOGRAM) {
        readings.add(new Reading(stat.name(), stat.kind(), value(stat.index()), Optional.empty()));
        continue;
      }
      Histogram sum = new Histogram();
      boolean used = false;
      for (StatSlab slab : slabs) {
        @Nullable Histogram part = slab.histogram(stat.index());
        if (part != null) {
          sum.addAll(part);
          used = true;
        }
      }
      if (used) {
        Histogram.Summary summary = sum.summary();
        readings.add(new Reading(stat.name(), stat.kind(), summary.count(), Optional.of(summary)));
      }
    }
    readings.sort((a, b) -> a.name().text().compareTo(b.name().text()));
    return readings;
  }
}
