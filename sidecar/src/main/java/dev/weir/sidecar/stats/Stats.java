package dev.weir.sidecar.stats;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * All statistics of a process. Making one, letting it go and reading are for any thread and take a
 * lock; counting is for the loops and takes none, see {@link StatSlab}.
 */
public final class Stats {
  /** The place, in every slab, where what is counted is told to nobody. */
  public static final int NOWHERE = 0;

  public enum Kind {
    COUNTER,
    GAUGE,
    HISTOGRAM
  }

  /** One statistic: {@code index} is its place in every slab. */
  static final class Stat {
    private final StatName name;
    private final Kind kind;
    private final int index;
    private int holders;

    private Stat(StatName name, Kind kind, int index) {
      this.name = name;
      this.kind = kind;
      this.index = index;
    }

    int index() {
      return index;
    }
  }

  /** A statistic and its value, summed over all loops. */
  public record Reading(
      StatName name, Kind kind, long value, Optional<Histogram.Summary> summary) {}

  /** Knows when the loops have gone on to something else. */
  public interface Grace {
    /**
     * Runs {@code each} on every loop, with its index, after what that is at; and {@code then},
     * when all have, on none of them.
     */
    void pass(IntConsumer each, Runnable then);
  }

  private final List<StatSlab> slabs = new ArrayList<>();
  private final StatSlab others;
  private final Map<StatName, Stat> byName = new HashMap<>();
  private final Places scalars = new Places();
  private final Places histograms = new Places();

  /** Whose places are to be free when the loops have gone on. */
  private List<Stat> leaving = new ArrayList<>();

  private boolean passing;
  private @Nullable Grace grace;

  /**
   * @param slabs one for each loop, and one more, the last, for all other threads
   */
  public Stats(int slabs) {
    for (int i = 0; i < slabs; i++) {
      this.slabs.add(new StatSlab());
    }
    others = this.slabs.getLast();
    scalars.take(); // NOWHERE
    histograms.take();
  }

  /** From now on the places of what is let go are used again. */
  public synchronized void recycle(Grace over) {
    grace = over;
  }

  /** The slab of loop {@code index}; only its thread writes to it. */
  public StatSlab slab(int index) {
    return slabs.get(index);
  }

  /** A counter for as long as the process lives. */
  public int counter(StatName name) {
    return hold(name, Kind.COUNTER).index();
  }

  /** Statistics that end before the process does. */
  public StatScope newScope() {
    return new StatScope(this);
  }

  synchronized Stat hold(StatName name, Kind kind) {
    Stat stat = byName.get(name);
    if (stat == null) {
      Places places = kind == Kind.HISTOGRAM ? histograms : scalars;
      stat = new Stat(name, kind, places.take());
      byName.put(name, stat);
    } else if (stat.kind != kind) {
      throw new IllegalArgumentException(name.text() + " is a " + stat.kind + ", not a " + kind);
    }
    stat.holders++;
    return stat;
  }

  synchronized void letGo(List<Stat> held) {
    for (Stat stat : held) {
      stat.holders--;
      if (stat.holders == 0) {
        byName.remove(stat.name);
        leaving.add(stat);
      }
    }
    passNext();
  }

  private void passNext() {
    Grace over = grace;
    if (over == null || passing || leaving.isEmpty()) {
      return;
    }
    passing = true;
    List<Stat> batch = leaving;
    leaving = new ArrayList<>();
    int[] ofScalars = places(batch, false);
    int[] ofHistograms = places(batch, true);
    over.pass(
        loop -> slabs.get(loop).clear(ofScalars, ofHistograms),
        () -> passed(ofScalars, ofHistograms));
  }

  private static int[] places(List<Stat> batch, boolean ofHistograms) {
    return batch.stream()
        .filter(stat -> stat.kind == Kind.HISTOGRAM == ofHistograms)
        .mapToInt(Stat::index)
        .toArray();
  }

  private synchronized void passed(int[] ofScalars, int[] ofHistograms) {
    synchronized (others) {
      others.clear(ofScalars, ofHistograms);
    }
    for (int place : ofScalars) {
      scalars.free(place);
    }
    for (int place : ofHistograms) {
      histograms.free(place);
    }
    passing = false;
    passNext();
  }

  /** Adds to a counter or gauge from a thread that is no loop. Any thread. */
  public void add(int index, long change) {
    synchronized (others) {
      others.add(index, change);
    }
  }

  /** The value of one counter or gauge. Any thread. */
  public long value(int index) {
    long sum = 0;
    for (StatSlab slab : slabs) {
      sum += slab.value(index);
    }
    return sum;
  }

  /** How many statistics there are. Any thread. */
  public synchronized int count() {
    return byName.size();
  }

  /** Places that are taken: by what {@link #count} counts, and by what is leaving. Any thread. */
  public synchronized int placesTaken() {
    return scalars.count() + histograms.count() - 2;
  }

  /** Every statistic that was ever counted, by name. Any thread. */
  public List<Reading> read() {
    List<Stat> stats;
    synchronized (this) {
      stats = new ArrayList<>(byName.values());
    }
    List<Reading> readings = new ArrayList<>(stats.size());
    for (Stat stat : stats) {
      if (stat.kind != Kind.HISTOGRAM) {
        readings.add(new Reading(stat.name, stat.kind, value(stat.index), Optional.empty()));
        continue;
      }
      Histogram sum = new Histogram();
      boolean used = false;
      for (StatSlab slab : slabs) {
        @Nullable Histogram part = slab.histogram(stat.index);
        if (part != null) {
          sum.addAll(part);
          used = true;
        }
      }
      if (used) {
        Histogram.Summary summary = sum.summary();
        readings.add(new Reading(stat.name, stat.kind, summary.count(), Optional.of(summary)));
      }
    }
    readings.sort((a, b) -> a.name().text().compareTo(b.name().text()));
    return readings;
  }
}
