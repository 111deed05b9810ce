package dev.weir.sidecar.telemetry.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** What is told of durations, against the durations. */
class DurationsTest {
  static final long LONGEST = 4_000_000_000_000L; // within the last bucket
  private static final double NINE_PERCENT = Math.pow(2, 1 / 8.0);

  private static Durations of(List<Long> nanos) {
    EdgeCell cell = new EdgeCell();
    nanos.forEach(each -> cell.count(each, 1, 2));
    assertEquals(nanos.size(), cell.received());
    assertEquals(2L * nanos.size(), cell.sent());
    return cell.durations();
  }

  @Property
  void bucketHoldsItsUpperBoundAndNotItsLower(
      @ForAll @LongRange(min = 61_036, max = LONGEST) long nanos) {
    int bucket = Durations.bucket(nanos);
    double seconds = nanos * 1e-9;
    assertTrue(seconds <= Math.pow(2, bucket / 8.0) * (1 + 1e-12), bucket + " for " + nanos);
    assertTrue(seconds > Math.pow(2, (bucket - 1) / 8.0) * (1 - 1e-12), bucket + " for " + nanos);
  }

  @Example
  void powersOfTwoAreUpperBounds() {
    assertEquals(0, Durations.bucket(1_000_000_000));
    assertEquals(1, Durations.bucket(1_000_000_001));
    assertEquals(-8, Durations.bucket(500_000_000));
    assertEquals(16, Durations.bucket(4_000_000_000L));
  }

  @Example
  void whatIsBeyondIsInTheOutermostBuckets() {
    assertEquals(Durations.LOWEST, Durations.bucket(-5));
    assertEquals(Durations.LOWEST, Durations.bucket(0));
    assertEquals(Durations.HIGHEST, Durations.bucket(Long.MAX_VALUE));
    Durations both = of(List.of(-5L, Long.MAX_VALUE / 2));
    assertEquals(2, both.count());
    assertEquals(Long.MAX_VALUE / 2, both.sumNanos());
  }

  @Property
  void whatCameSinceAndWhatWasBeforeAreAll(
      @ForAll @Size(max = 30) List<@LongRange(min = 0, max = LONGEST) Long> before,
      @ForAll @Size(max = 30) List<@LongRange(min = 0, max = LONGEST) Long> later) {
    EdgeCell cell = new EdgeCell();
    before.forEach(each -> cell.count(each, 0, 0));
    Durations then = cell.durations();
    later.forEach(each -> cell.count(each, 0, 0));
    Durations since = cell.durations().since(then);
    assertEquals(later.size(), since.count());
    assertEquals(later.stream().mapToLong(Long::longValue).sum(), since.sumNanos());
    assertEquals(of(later).quantile(0.5), since.quantile(0.5));
  }

  @Example
  void allOfOneThatHasBegunAnewCameSince() {
    Durations now = of(List.of(1_000_000L));
    assertEquals(1, now.since(of(List.of(1_000_000L, 2_000_000L))).count());
    assertEquals(1, now.since(of(List.of(5_000_000_000L))).count());
    assertEquals(1, now.since(Durations.NONE).count());
  }

  @Property
  void quantilesAreWithinNinePercent(
      @ForAll @Size(min = 1, max = 300) List<@LongRange(min = 61_036, max = LONGEST) Long> nanos,
      @ForAll @net.jqwik.api.constraints.DoubleRange(min = 0, max = 1) double share) {
    List<Long> sorted = nanos.stream().sorted().toList();
    int rank = Math.max(1, (int) Math.ceil(sorted.size() * share));
    double exact = sorted.get(rank - 1) * 1e-9;
    double found = of(nanos).quantile(share);
    assertTrue(
        found >= exact * (1 - 1e-9) && found <= exact * NINE_PERCENT * (1 + 1e-9),
        found + " for " + exact);
  }

  @Property
  void withinIsRightButForWhatIsNearTheBound(
      @ForAll @Size(max = 300) List<@LongRange(min = 61_036, max = LONGEST) Long> nanos,
      @ForAll @net.jqwik.api.constraints.DoubleRange(min = 0.01, max = 3600) double bound) {
    long found = of(nanos).within(bound);
    long surely = nanos.stream().filter(each -> each * 1e-9 <= bound / NINE_PERCENT).count();
    long perhaps = nanos.stream().filter(each -> each * 1e-9 <= bound * NINE_PERCENT).count();
    assertTrue(surely <= found && found <= perhaps, found + " of " + surely + " to " + perhaps);
  }

  @Property
  void sumsAreWhatWouldHaveBeenCountedInOne(
      @ForAll @Size(max = 50) List<@LongRange(min = 0, max = LONGEST) Long> some,
      @ForAll @Size(max = 50) List<@LongRange(min = 0, max = LONGEST) Long> more) {
    Durations sum = of(some).plus(of(more));
    Durations one = of(java.util.stream.Stream.concat(some.stream(), more.stream()).toList());
    assertEquals(one.count(), sum.count());
    assertEquals(one.sumNanos(), sum.sumNanos());
    for (double bound = 0.0001; bound < 10_000; bound *= 1.3) {
      assertEquals(one.within(bound), sum.within(bound));
    }
  }
}
