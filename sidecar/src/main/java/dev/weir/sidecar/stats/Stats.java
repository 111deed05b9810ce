package dev.weir.sidecar.stats;

import dev.weir.sidecar.stats.StatFamily.Member;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;
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

  /** What is held under one key, a statistic or a family's of one tag, and its first places. */
  static final class Held {
    private final Object key;
    private final List<Member> members;
    private final Function<Member, StatName> nameOf;
    private final int scalar;
    private final int histogram;
    private int holders;

    private Held(
        Object key,
        List<Member> members,
        Function<Member, StatName> nameOf,
        int scalar,
        int histogram) {
      this.key = key;
      this.members = members;
      this.nameOf = nameOf;
      this.scalar = scalar;
      this.histogram = histogram;
    }

    int scalar() {
      return scalar;
    }

    int histogram() {
      return histogram;
    }

    /** The place of each member, in turn. */
    private void each(ObjIntConsumer<Member> consumer) {
      int nextScalar = scalar;
      int nextHistogram = histogram;
      for (Member member : members) {
        consumer.accept(member, member.kind() == Kind.HISTOGRAM ? nextHistogram++ : nextScalar++);
      }
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
  private final Map<Object, Held> byKey = new HashMap<>();
  private int count;
  private final Places scalars = new Places();
  private final Places histograms = new Places();

  /** Whose places are to be free when the loops have gone on. */
  private List<Held> leaving = new ArrayList<>();

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
    scalars.take(1); // NOWHERE
    histograms.take(1);
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
    return hold(name, Kind.COUNTER).scalar();
  }

  /** Statistics that end before the process does. */
  public StatScope newScope() {
    return new StatScope(this);
  }

  synchronized Held hold(StatName name, Kind kind) {
    Held held = hold(name, List.of(new Member(name.name(), kind)), any -> name);
    Kind before = held.members.getFirst().kind();
    if (before != kind) {
      held.holders--;
      throw new IllegalArgumentException(name.text() + " is a " + before + ", not a " + kind);
    }
    return held;
  }

  private record Tagged(StatFamily<?> family, String tag) {}

  synchronized Held hold(StatFamily<?> family, String tag) {
    return hold(new Tagged(family, tag), family.members(), member -> family.name(member, tag));
  }

  private Held hold(Object key, List<Member> members, Function<Member, StatName> nameOf) {
    Held held = byKey.get(key);
    if (held == null) {
      int times = (int) members.stream().filter(each -> each.kind() == Kind.HISTOGRAM).count();
      int others = members.size() - times;
      held = new Held(key, members, nameOf, scalars.take(others), histograms.take(times));
      byKey.put(key, held);
      count += members.size();
    }
    held.holders++;
    return held;
  }

  synchronized void letGo(List<Held> let) {
    for (Held held : let) {
      held.holders--;
      if (held.holders == 0) {
        byKey.remove(held.key);
        count -= held.members.size();
        leaving.add(held);
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
    List<Held> batch = leaving;
    leaving = new ArrayList<>();
    int[] ofScalars = places(batch, false);
    int[] ofHistograms = places(batch, true);
    over.pass(
        loop -> slabs.get(loop).clear(ofScalars, ofHistograms),
        () -> passed(ofScalars, ofHistograms));
  }

  private static int[] places(List<Held> batch, boolean ofHistograms) {
    IntStream.Builder places = IntStream.builder();
    for (Held held : batch) {
      held.each((member, place) -> {
        if (member.kind() == Kind.HISTOGRAM == ofHistograms) {
          places.add(place);
        }
      });
    }
    return places.build().toArray();
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
    return count;
  }

  /** Places that are taken: by what {@link #count} counts, and by what is leaving. Any thread. */
  public synchronized int placesTaken() {
    return scalars.count() + histograms.count() - 2;
  }

  /** Every statistic that was ever counted, by name. Any thread. */
  public List<Reading> read() {
    List<Held> all;
    synchronized (this) {
      all = new ArrayList<>(byKey.values());
    }
    Map<String, Reading> readings = new TreeMap<>();
    for (Held held : all) {
      held.each((member, place) ->
          read(held.nameOf.apply(member), member.kind(), place)
              .ifPresent(reading -> readings.put(reading.name().text(), reading)));
    }
    return List.copyOf(readings.values());
  }

  private Optional<Reading> read(StatName name, Kind kind, int place) {
    if (kind != Kind.HISTOGRAM) {
      return Optional.of(new Reading(name, kind, value(place), Optional.empty()));
    }
    Histogram sum = new Histogram();
    boolean used = false;
    for (StatSlab slab : slabs) {
      @Nullable Histogram part = slab.histogram(place);
      if (part != null) {
        sum.addAll(part);
        used = true;
      }
    }
    Histogram.Summary summary = sum.summary();
    return used
        ? Optional.of(new Reading(name, kind, summary.count(), Optional.of(summary)))
        : Optional.empty();
  }
}
