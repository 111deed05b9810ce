package dev.weir.control.traffic;

import java.util.function.ObjLongConsumer;

/** What is kept of an edge by one reporter. Any thread, one at a time. */
final class Series {
  private final CellLog hour;
  private final CellLog day;

  Series(Outcomes outcomes) {
    this.hour = new CellLog(Tier.HOUR, outcomes);
    this.day = new CellLog(Tier.DAY, outcomes);
  }

  /**
   * @param whole with the durations and bytes
   */
  synchronized void add(Sample sample, int outcome, boolean whole, long now) {
    add(hour.at(now), sample, outcome, whole);
    add(day.at(now), sample, outcome, whole);
  }

  private static void add(Cell cell, Sample sample, int outcome, boolean whole) {
    cell.add(outcome, sample.count());
    if (whole) {
      cell.addBytes(sample.received(), sample.sent());
      cell.durations().add(sample.durations());
    }
  }

  /**
   * @param into what cells are read into, one after the other; of the tier's scale
   */
  synchronized void forEach(
      Tier tier, long from, long until, Cell into, ObjLongConsumer<Cell> each) {
    log(tier).forEach(from, until, into, each);
  }

  synchronized void forget(Tier tier, long millis) {
    log(tier).forget(millis);
  }

  private CellLog log(Tier tier) {
    return tier == Tier.HOUR ? hour : day;
  }

  synchronized boolean isEmpty() {
    return hour.isEmpty() && day.isEmpty();
  }

  synchronized long bytes() {
    return hour.bytes() + day.bytes();
  }
}
