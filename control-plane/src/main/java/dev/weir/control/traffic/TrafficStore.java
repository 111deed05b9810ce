package dev.weir.control.traffic;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;

/**
 * The traffic of the mesh, as its sidecars have told: an hour in steps of five seconds, a day in
 * steps of a minute. Any thread.
 *
 * <p>Its memory is bounded: by so many series, beyond which all is counted as of {@link
 * Edge#OTHERS}, and by so many bytes, beyond which the oldest is forgotten before its time. Both
 * are counted.
 */
public final class TrafficStore {
  private static final int MOST_OUTCOMES = 4096;

  /** An hour's chunk is forgotten at a time, a day's too, when there is no room. */
  private static final int STEPS = 24;

  /** What a series costs before anything is written: its cells, and what it is found by. */
  private static final int BYTES_OF_A_SERIES = 3 << 10;

  private final Outcomes outcomes = new Outcomes(MOST_OUTCOMES);
  private final int mostSeries;
  private final long mostBytes;
  private final Map<Edge, Series> bySource = new ConcurrentHashMap<>();
  private final Map<Edge, Series> byDestination = new ConcurrentHashMap<>();
  private final AtomicInteger size = new AtomicInteger();
  private final LongAdder folded = new LongAdder();
  private final LongAdder shortened = new LongAdder();

  /**
   * @param mostSeries there are two of an edge whose both sides count
   * @param mostBytes of all series
   */
  public TrafficStore(int mostSeries, long mostBytes) {
    this.mostSeries = mostSeries;
    this.mostBytes = mostBytes;
  }

  /**
   * What a step had of an edge.
   *
   * @see #forEach
   */
  public interface Reader {
    /**
     * @param begin of the step, since the epoch
     * @param cell valid until this returns
     */
    void read(Edge edge, Reporter reporter, long begin, Cell cell);
  }

  /**
   * Counts {@code sample} in the step of {@code now}.
   *
   * @param now since the epoch
   */
  public void add(Sample sample, long now) {
    int outcome = outcomes.number(sample.outcome());
    boolean source = sample.reporter() == Reporter.SOURCE;
    // What a caller has measured holds more of the way: one of the two is enough.
    boolean whole = source || !bySource.containsKey(sample.edge());
    series(of(sample.reporter()), sample.edge()).add(sample, outcome, whole, now);
  }

  private Series series(Map<Edge, Series> of, Edge edge) {
    Series known = of.get(edge);
    if (known != null) {
      return known;
    }
    if (size.get() >= mostSeries && !edge.equals(Edge.OTHERS)) {
      folded.increment();
      return series(of, Edge.OTHERS);
    }
    return of.computeIfAbsent(
        edge,
        each -> {
          size.incrementAndGet();
          return new Series(outcomes);
        });
  }

  /**
   * Reads each step that begins from {@code from} on and before {@code until}, of each edge that is
   * wanted; of an edge the oldest first. {@code each} is to be quick: who counts that very edge
   * waits.
   */
  public void forEach(Tier tier, long from, long until, Predicate<Edge> wanted, Reader each) {
    Cell into = new Cell(outcomes, tier.scale());
    for (Reporter reporter : Reporter.values()) {
      of(reporter)
          .forEach((edge, series) -> {
            if (wanted.test(edge)) {
              series.forEach(
                  tier, from, until, into, (cell, begin) -> each.read(edge, reporter, begin, cell));
            }
          });
    }
  }

  private Map<Edge, Series> of(Reporter reporter) {
    return reporter == Reporter.SOURCE ? bySource : byDestination;
  }

  /**
   * To be called each minute: forgets what is too old, and what there is no room for. What is told
   * at that very moment of an edge that was silent for a day may be lost.
   */
  public void sweep(long now) {
    forget(Tier.HOUR, now - Tier.HOUR.keptMillis());
    forget(Tier.DAY, now - Tier.DAY.keptMillis());
    for (int step = 1; step < STEPS && bytes() > mostBytes; step++) {
      shortened.increment();
      forget(Tier.DAY, now - Tier.DAY.keptMillis() / STEPS * (STEPS - step));
      forget(Tier.HOUR, now - Tier.HOUR.keptMillis() / STEPS * (STEPS - step));
    }
    for (Reporter reporter : Reporter.values()) {
      Map<Edge, Series> all = of(reporter);
      all.forEach((edge, series) -> {
        if (series.isEmpty() && all.remove(edge, series)) {
          size.decrementAndGet();
        }
      });
    }
  }

  private void forget(Tier tier, long before) {
    bySource.values().forEach(series -> series.forget(tier, before));
    byDestination.values().forEach(series -> series.forget(tier, before));
  }

  /** About how much memory all of it takes. */
  public long bytes() {
    long bytes = (long) size.get() * BYTES_OF_A_SERIES;
    for (Series series : bySource.values()) {
      bytes += series.bytes();
    }
    for (Series series : byDestination.values()) {
      bytes += series.bytes();
    }
    return bytes;
  }

  /** How many series there are. */
  public int size() {
    return size.get();
  }

  /** How many samples were counted as of {@link Edge#OTHERS} for want of room. */
  public long folded() {
    return folded.sum();
  }

  /** How often the oldest was forgotten before its time for want of room. */
  public long shortened() {
    return shortened.sum();
  }
}
