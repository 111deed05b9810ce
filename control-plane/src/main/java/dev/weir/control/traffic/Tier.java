package dev.weir.control.traffic;

import java.time.Duration;

/** For how long what is kept, how finely. */
public enum Tier {
  HOUR(Duration.ofSeconds(5), Duration.ofHours(1), 2),
  DAY(Duration.ofMinutes(1), Duration.ofDays(1), 1);

  private static final int CHUNKS = 12;

  private final long stepMillis;
  private final long keptMillis;
  private final int scale;

  Tier(Duration step, Duration kept, int scale) {
    this.stepMillis = step.toMillis();
    this.keptMillis = kept.toMillis();
    this.scale = scale;
  }

  /** The finest that has so long a time. */
  public static Tier of(Duration time) {
    return time.toMillis() <= HOUR.keptMillis ? HOUR : DAY;
  }

  public Duration step() {
    return Duration.ofMillis(stepMillis);
  }

  long keptMillis() {
    return keptMillis;
  }

  int scale() {
    return scale;
  }

  long slot(long millis) {
    return Math.floorDiv(millis, stepMillis);
  }

  long millis(long slot) {
    return slot * stepMillis;
  }

  int slotsOfChunk() {
    return (int) (keptMillis / stepMillis / CHUNKS);
  }
}
