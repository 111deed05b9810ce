package dev.weir.control;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Lines that others can cause as often as they like: the same is told once a minute, and of
 * different ones some a minute. Any thread.
 */
final class Seldom implements Consumer<String> {
  private static final int MOST = 50;
  private static final long PERIOD = Duration.ofMinutes(1).toNanos();

  private final Consumer<String> told;
  private final LongSupplier nanos;
  private final Set<String> lines = new HashSet<>();
  private long since;
  private int withheld;

  /**
   * @param nanos a clock that nobody sets
   */
  Seldom(Consumer<String> told, LongSupplier nanos) {
    this.told = told;
    this.nanos = nanos;
    this.since = nanos.getAsLong();
  }

  @Override
  public synchronized void accept(String line) {
    long now = nanos.getAsLong();
    if (now - since >= PERIOD) {
      if (withheld > 0) {
        told.accept("and " + withheld + " more that are refused, in a minute");
      }
      lines.clear();
      withheld = 0;
      since = now;
    }
    if (lines.contains(line) || lines.size() >= MOST) {
      withheld++;
    } else {
      lines.add(line);
      told.accept(line);
    }
  }
}
