package dev.weir.control.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TrafficStoreTest {
  private static final long BEGIN = 1_800_000_000_000L;
  private static final long SECOND = 1000;
  private static final long MINUTE = 60 * SECOND;
  private static final long HOUR = 60 * MINUTE;
  private static final long BUDGET = 128L << 20;
  private static final Outcome OK = new Outcome("http", "2xx", "", "", "", "", "");
  private static final Outcome SHED =
      new Outcome("http", "5xx", "", "breaker-open", "shop/cart", "", "");
  private static final Edge EDGE = new Edge("shop/frontend", "shop/inventory", 8080);

  private final TrafficStore store = new TrafficStore(10, BUDGET);

  @Test
  void whatWasToldIsReadInBothTiers() {
    store.add(sample(EDGE, Reporter.SOURCE, OK, 90, 10), BEGIN);
    store.add(sample(EDGE, Reporter.SOURCE, SHED, 10, 1), BEGIN + SECOND);
    store.add(sample(EDGE, Reporter.SOURCE, OK, 100, 20), BEGIN + 7 * SECOND);

    for (Tier tier : Tier.values()) {
      Totals totals = totals(store, tier, BEGIN, BEGIN + MINUTE);
      assertEquals(200, totals.requests(), tier.name());
      assertEquals(0.95, totals.success());
      assertEquals(Map.of(OK, 190L, SHED, 10L), totals.outcomes());
      assertEquals(200, totals.received());
      assertEquals(400, totals.sent());
      assertEquals(90 * 10_000 + 10 * 1000 + 100 * 20_000, totals.durations().sumMicros());
    }
    // The bucket's upper bound: 2^(k/4) and 2^(k/2) seconds.
    assertEquals(22.1, p99(Tier.HOUR), 0.01);
    assertEquals(22.1, p99(Tier.DAY), 0.01);
  }

  @Test
  void stepsAreReadInTheirOrderAndAsTheyAreWanted() {
    for (int i = 0; i < 720; i++) {
      store.add(sample(EDGE, Reporter.SOURCE, OK, i + 1, 10), BEGIN + 5 * SECOND * i);
    }

    List<Long> counts = new ArrayList<>();
    List<Long> begins = new ArrayList<>();
    store.forEach(
        Tier.HOUR,
        BEGIN + 50 * SECOND,
        BEGIN + HOUR - 50 * SECOND,
        edge -> true,
        (edge, reporter, begin, cell) -> {
          counts.add(cell.requests());
          begins.add(begin);
        });
    assertEquals(LongStream.rangeClosed(11, 710).boxed().toList(), counts);
    assertEquals(begins.stream().sorted().toList(), begins);
    assertEquals(BEGIN + 50 * SECOND, begins.getFirst());
    assertEquals(720 * 721 / 2, totals(store, Tier.DAY, BEGIN, BEGIN + HOUR).requests());
  }

  @Test
  void aDestinationWhoseCallerCountsTooKeepsNoDurations() {
    store.add(sample(EDGE, Reporter.SOURCE, OK, 5, 10), BEGIN);
    store.add(sample(EDGE, Reporter.DESTINATION, OK, 5, 10), BEGIN);
    Edge outside = new Edge("unknown/unknown", "shop/frontend", 8080);
    store.add(sample(outside, Reporter.DESTINATION, OK, 5, 10), BEGIN);

    Set<String> read = new TreeSet<>();
    store.forEach(
        Tier.HOUR,
        BEGIN,
        BEGIN + MINUTE,
        edge -> true,
        (edge, reporter, begin, cell) ->
            read.add(edge.source() + " " + reporter + " " + cell.durations().count()));
    assertEquals(
        Set.of(
            "shop/frontend SOURCE 5",
            "shop/frontend DESTINATION 0",
            "unknown/unknown DESTINATION 5"),
        read);
  }

  @Test
  void whatIsOlderIsForgotten() {
    store.add(sample(EDGE, Reporter.SOURCE, OK, 1, 10), BEGIN);
    store.sweep(BEGIN + HOUR + MINUTE);
    assertEquals(0, totals(store, Tier.HOUR, BEGIN, BEGIN + 2 * HOUR).requests());
    assertEquals(1, totals(store, Tier.DAY, BEGIN, BEGIN + 2 * HOUR).requests());
    store.sweep(BEGIN + 25 * HOUR);
    assertEquals(0, store.size());
  }

  @Test
  void moreEdgesThanThereIsRoomForAreOne() {
    for (int i = 0; i < 30; i++) {
      store.add(sample(new Edge("shop/a", "shop/" + i, 80), Reporter.SOURCE, OK, 1, 10), BEGIN);
    }
    assertEquals(11, store.size());
    assertEquals(20, store.folded());
    assertEquals(30, totals(store, Tier.HOUR, BEGIN, BEGIN + MINUTE).requests());
  }

  @Test
  void theOldestIsForgottenBeforeItsTimeWhenThereIsNoRoom() {
    Random random = new Random(7);
    TrafficStore small = new TrafficStore(10, 16 << 10);
    for (int i = 0; i < 24 * 60; i++) {
      small.add(spread(EDGE, Reporter.SOURCE, OK, 100, random), BEGIN + i * MINUTE);
    }
    long now = BEGIN + 24 * HOUR;
    small.sweep(now);
    assertTrue(small.shortened() > 0);
    assertTrue(small.bytes() <= 16 << 10, () -> small.bytes() + " bytes");
    assertTrue(totals(small, Tier.HOUR, now - 10 * MINUTE, now).requests() > 0);
  }

  @Test
  void twoThousandEdgesOfAllKindsHaveRoomForADay() {
    int edges = 10; // of which the busiest has 100 calls a second, and the next half of that

    TrafficStore busy = new TrafficStore(2 * edges, Long.MAX_VALUE);
    Random random = new Random(7);
    for (long at = BEGIN; at < BEGIN + 24 * HOUR; at += 5 * SECOND) {
      for (int i = 0; i < edges; i++) {
        Edge edge = new Edge("shop/caller-" + i, "shop/service-" + i, 8080);
        for (Reporter reporter : Reporter.values()) {
          busy.add(spread(edge, reporter, OK, 500 >> i, random), at);
          if ((500 >> i) > 50) {
            busy.add(spread(edge, reporter, SHED, 5, random), at);
          }
        }
      }
      if (at % MINUTE == 0) {
        busy.sweep(at);
      }
    }
    long bytes = busy.bytes() / edges * 2000;
    assertTrue(bytes < BUDGET, () -> bytes + " bytes");
  }

  /** Log-normal, about 10 ms, with a long tail. */
  private static Sample spread(
      Edge edge, Reporter reporter, Outcome outcome, int count, Random random) {
    Durations durations = new Durations(Durations.SCALE_SENT);
    for (int i = 0; i < count; i++) {
      durations.add(
          Durations.SCALE_SENT, (int) Math.round(8 * (-6.6 + 0.8 * random.nextGaussian())), 1);
    }
    durations.addMicros(count * 10_000L);
    return new Sample(edge, reporter, outcome, count, 300L * count, 2000L * count, durations);
  }

  private static Sample sample(
      Edge edge, Reporter reporter, Outcome outcome, int count, int millis) {
    Durations durations = new Durations(Durations.SCALE_SENT);
    int bucket = (int) Math.ceil(8 * Math.log(millis / 1000.0) / Math.log(2));
    durations.add(Durations.SCALE_SENT, bucket, count);
    durations.addMicros(1000L * millis * count);
    return new Sample(edge, reporter, outcome, count, count, 2L * count, durations);
  }

  private double p99(Tier tier) {
    return totals(store, tier, BEGIN, BEGIN + MINUTE).durations().quantileMillis(0.99);
  }

  private static Totals totals(TrafficStore store, Tier tier, long from, long until) {
    Totals totals = new Totals();
    store.forEach(
        tier, from, until, edge -> true, (edge, reporter, begin, cell) -> totals.add(cell));
    return totals;
  }
}
