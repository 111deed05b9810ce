package dev.weir.control.traffic;

import java.util.HashMap;
import java.util.Map;

/** What some cells add up to. Not for several threads. */
public final class Totals {
  private final Map<Outcome, Long> outcomes = new HashMap<>();
  private final Durations durations = new Durations(Tier.HOUR.scale());
  private long requests;
  private long failures;
  private long received;
  private long sent;

  /** Adds {@code cell}, of the finer tier or the coarser one. */
  public void add(Cell cell) {
    cell.forEach((outcome, count) -> {
      outcomes.merge(outcome, count, Long::sum);
      requests += count;
      failures += outcome.failed() ? count : 0;
    });
    received += cell.received();
    sent += cell.sent();
    durations.add(cell.durations());
  }

  public long requests() {
    return requests;
  }

  public long failures() {
    return failures;
  }

  /** Of all, 0 to 1; 1 for none. */
  public double success() {
    return requests == 0 ? 1 : 1 - failures / (double) requests;
  }

  /** Each outcome there was, and how often. */
  public Map<Outcome, Long> outcomes() {
    return Map.copyOf(outcomes);
  }

  /** To be read only. */
  public Durations durations() {
    return durations;
  }

  public long received() {
    return received;
  }

  public long sent() {
    return sent;
  }
}
