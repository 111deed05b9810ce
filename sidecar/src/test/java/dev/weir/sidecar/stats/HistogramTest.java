package dev.weir.sidecar.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** What a histogram says, against the sorted values. */
class HistogramTest {
  static final long DAYS = 1L << 39;

  private static Histogram of(List<Long> values) {
    Histogram histogram = new Histogram();
    values.forEach(histogram::record);
    return histogram;
  }

  @Property
  void quantilesAreWithinASixteenth(
      @ForAll @Size(min = 1, max = 300) List<@LongRange(min = 0, max = DAYS) Long> values) {
    Histogram.Summary summary = of(values).summary();
    List<Long> sorted = values.stream().sorted().toList();
    near(sorted, 0.5, summary.p50());
    near(sorted, 0.9, summary.p90());
    near(sorted, 0.99, summary.p99());
    assertEquals(values.size(), summary.count());
    assertEquals(values.stream().mapToLong(Long::longValue).sum(), summary.sum());
  }

  private static void near(List<Long> sorted, double share, double found) {
    long exact = sorted.get((int) Math.ceil(sorted.size() * share) - 1);
    assertTrue(
        found >= exact && found <= exact + exact / 16.0, found + " for " + exact + " at " + share);
  }

  @Property
  void eachValueIsInABucketThatHoldsIt(@ForAll @LongRange(min = 0, max = DAYS) long value) {
    int bucket = Histogram.bucket(value);
    assertTrue(value <= Histogram.upper(bucket));
    assertTrue(bucket == 0 || value > Histogram.upper(bucket - 1));
  }

  @Property
  void cumulativeCountsNeverFallAndNeverExceedWhatIsBelow(
      @ForAll @Size(max = 200) List<@LongRange(min = 0, max = 4_000_000) Long> values) {
    Histogram.Summary summary = of(values).summary();
    long before = 0;
    for (int i = 0; i < summary.bounds().size(); i++) {
      double bound = summary.bounds().get(i);
      long cumulative = summary.cumulative().get(i);
      assertTrue(cumulative >= before);
      // A bucket that a bound cuts in two counts above it.
      assertTrue(cumulative <= values.stream().filter(value -> value <= bound).count());
      assertTrue(
          cumulative >= values.stream().filter(value -> value <= bound - bound / 16 - 1).count());
      before = cumulative;
    }
  }

  @Property
  void partsOfSeveralLoopsAddUp(
      @ForAll @Size(max = 50) List<@LongRange(min = -5, max = DAYS) Long> some,
      @ForAll @Size(max = 50) List<@LongRange(min = -5, max = DAYS) Long> others) {
    Histogram sum = of(some);
    sum.addAll(of(others));
    List<Long> all = new java.util.ArrayList<>(some);
    all.addAll(others);
    assertEquals(of(all).summary(), sum.summary());
  }
}
