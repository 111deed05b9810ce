package dev.weir.sidecar.filter.http.circuitbreaker;

import java.time.Duration;
import java.util.Arrays;

/**
 * The attempts of some time: a ring of ten slices, of which the oldest is dropped as time goes on,
 * so that it has between nine and ten tenths of it. Its lock is held for a few additions.
 */
final class TimeWindow implements CallWindow {
  private static final int SLICES = 10;

  private final long sliceNanos;
  private final int[] callsOf = new int[SLICES];
  private final int[] badOf = new int[SLICES];

  /** The newest slice, counted from the clock's origin. */
  private long newest = Long.MIN_VALUE;

  private int calls;
  private int bad;

  TimeWindow(Duration duration) {
    this.sliceNanos = duration.toNanos() / SLICES;
  }

  @Override
  public synchronized long add(boolean isBad, long nowNanos) {
    int slice = advance(nowNanos);
    if (calls < Integer.MAX_VALUE) {
      callsOf[slice]++;
      calls++;
      if (isBad) {
        badOf[slice]++;
        bad++;
      }
    }
    return CallWindow.counts(calls, bad);
  }

  @Override
  public synchronized long counts(long nowNanos) {
    advance(nowNanos);
    return CallWindow.counts(calls, bad);
  }

  @Override
  public synchronized void clear() {
    Arrays.fill(callsOf, 0);
    Arrays.fill(badOf, 0);
    calls = 0;
    bad = 0;
  }

  /** Drops what is too old; where the newest slice is. A loop that is late counts in it too. */
  private int advance(long nowNanos) {
    long now = Math.floorDiv(nowNanos, sliceNanos);
    if (now > newest) {
      if (newest == Long.MIN_VALUE || now - newest >= SLICES) {
        clear();
      } else {
        for (long slice = newest + 1; slice <= now; slice++) {
          drop(Math.floorMod(slice, SLICES));
        }
      }
      newest = now;
    }
    return Math.floorMod(newest, SLICES);
  }

  private void drop(int slice) {
    calls -= callsOf[slice];
    bad -= badOf[slice];
    callsOf[slice] = 0;
    badOf[slice] = 0;
  }
}
