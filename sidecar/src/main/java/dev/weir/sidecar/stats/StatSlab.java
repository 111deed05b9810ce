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

  private volatile long[] scalars = new long[64];
  private volatile @Nullable Histogram[] histograms = new Histogram[4];

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

  long value(int index) {
    long[] values = scalars;
    return index < values.length ? (long) LONGS.getOpaque(values, index) : 0;
  }

  @Nullable Histogram histogram(int index) {
    @Nullable Histogram[] all = histograms;
    return index < all.length ? all[index] : null;
  }
}
