package dev.weir.sidecar.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of one loop. Written by that loop's thread alone; read by any, a little late at
 * most.
 */
public final class StatSlab {
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  private static final int FEWEST_SCALARS = 64;
  private static final int FEWEST_HISTOGRAMS = 4;

  private volatile long[] scalars = new long[FEWEST_SCALARS];
  private volatile @Nullable Histogram[] histograms = new Histogram[FEWEST_HISTOGRAMS];

  public void inc(int index) {
    add(index, 1);
  }

  public void dec(int index) {
    add(index, -1);
  }

  public void add(int index, long change) {
    long[] values = scalars;
    if (index >= values.length) {
      values = Arrays.copyOf(values, Math.max(index + 1, values.length * 2));
      scalars = values;
    }
    LONGS.setOpaque(values, index, values[index] + change);
  }

  /** Counts a value of {@code histogram}, in milliseconds. */
  public void record(int histogram, long millis) {
    @Nullable Histogram[] all = histograms;
    if (histogram >= all.length) {
      all = Arrays.copyOf(all, Math.max(histogram + 1, all.length * 2));
      histograms = all;
    }
    Histogram values = all[histogram];
    if (values == null) {
      values = new Histogram();
      all[histogram] = values;
    }
    values.record(millis);
  }

  /** These places are as new. What nothing is counted in any more is given back. */
  void clear(int[] ofScalars, int[] ofHistograms) {
    long[] values = scalars;
    for (int place : ofScalars) {
      if (place < values.length) {
        LONGS.setOpaque(values, place, 0L);
      }
    }
    @Nullable Histogram[] all = histograms;
    for (int place : ofHistograms) {
      if (place < all.length) {
        all[place] = null;
      }
    }
    shrink();
  }

  private void shrink() {
    long[] values = scalars;
    int used = values.length;
    while (used > 0 && values[used - 1] == 0) {
      used--;
    }
    if (values.length > FEWEST_SCALARS && used <= values.length / 4) {
      scalars = Arrays.copyOf(values, Math.max(FEWEST_SCALARS, 2 * used));
    }
    @Nullable Histogram[] all = histograms;
    used = all.length;
    while (used > 0 && all[used - 1] == null) {
      used--;
    }
    if (all.length > FEWEST_HISTOGRAMS && used <= all.length / 4) {
      histograms = Arrays.copyOf(all, Math.max(FEWEST_HISTOGRAMS, 2 * used));
    }
  }

  /** How many counters and gauges there is room for without growing. Any thread. */
  public int size() {
    return scalars.length;
  }

  long value(int index) {
    long[] values = scalars;
    return index < values.length ? (long) LONGS.getOpaque(values, index) : 0;
  }

  @Nullable Histogram histogram(int index) {
    @Nullable Histogram[] all = histograms;
    return index < all.length ? all[index] : null;
  }
}
