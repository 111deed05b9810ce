package dev.weir.sidecar.telemetry.edge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one loop counts of an edge. Written by that loop's thread alone; read by any, a little late
 * at most.
 */
final class EdgeCell {
  private static final VarHandle LONGS = MethodHandles.arrayElementVarHandle(long[].class);

  /** Room for buckets grows by so many. */
  private static final int ROOM = Durations.TO_A_POWER;

  // In front of the buckets.
  private static final int RECEIVED = 0;
  private static final int SENT = 1;
  private static final int NANOS = 2;
  private static final int BUCKETS = 3;

  /** An exemplar is kept for each power of two of a second, and for so long. */
  private static final long EXEMPLAR_MILLIS = 1000;

  private static final int EXEMPLARS =
      (Durations.HIGHEST - Durations.LOWEST) / Durations.TO_A_POWER + 1;

  /**
   * @param first the first bucket that there is room for
   */
  private record Window(int first, long[] values) {}

  private volatile Window window = new Window(0, new long[BUCKETS]);
  private volatile @Nullable Exemplar @Nullable [] exemplars;

  void count(long nanos, long received, long sent) {
    int bucket = Durations.bucket(nanos);
    Window seen = window;
    int at = bucket - seen.first + BUCKETS;
    if (at < BUCKETS || at >= seen.values.length) {
      seen = widened(seen, bucket);
      window = seen;
      at = bucket - seen.first + BUCKETS;
    }
    add(seen.values, at, 1);
    add(seen.values, NANOS, Math.max(0, nanos));
    add(seen.values, RECEIVED, received);
    add(seen.values, SENT, sent);
  }

  private static void add(long[] values, int at, long change) {
    LONGS.setOpaque(values, at, values[at] + change);
  }

  private static Window widened(Window before, int bucket) {
    int low = Math.floorDiv(bucket, ROOM) * ROOM;
    int high = low + ROOM;
    int had = before.values.length - BUCKETS;
    if (had > 0) {
      low = Math.min(low, before.first);
      high = Math.max(high, before.first + had);
    }
    long[] values = new long[BUCKETS + high - low];
    System.arraycopy(before.values, 0, values, 0, BUCKETS);
    if (had > 0) {
      System.arraycopy(before.values, BUCKETS, values, BUCKETS + before.first - low, had);
    }
    return new Window(low, values);
  }

  /** Whether another exemplar that took as long is to be kept. */
  boolean wants(long nanos, long nowMillis) {
    @Nullable Exemplar[] all = exemplars;
    Exemplar known = all == null ? null : all[place(nanos)];
    return known == null || nowMillis - known.atMillis() >= EXEMPLAR_MILLIS;
  }

  /** It is of a trace that is kept somewhere. */
  void keep(Exemplar exemplar) {
    @Nullable Exemplar[] all = exemplars;
    if (all == null) {
      all = new Exemplar[EXEMPLARS];
      exemplars = all;
    }
    all[place(exemplar.nanos())] = exemplar;
  }

  private static int place(long nanos) {
    return (Durations.bucket(nanos) - Durations.LOWEST) / Durations.TO_A_POWER;
  }

  Durations durations() {
    Window seen = window;
    long[] counts = new long[seen.values.length - BUCKETS];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = value(seen, BUCKETS + i);
    }
    return new Durations(seen.first, counts, value(seen, NANOS));
  }

  long received() {
    return value(window, RECEIVED);
  }

  long sent() {
    return value(window, SENT);
  }

  private static long value(Window seen, int at) {
    return (long) LONGS.getOpaque(seen.values, at);
  }

  List<Exemplar> exemplars() {
    @Nullable Exemplar[] all = exemplars;
    Stream<@Nullable Exemplar> known = all == null ? Stream.empty() : Arrays.stream(all);
    return known.filter(Objects::nonNull).map(Objects::requireNonNull).toList();
  }
}
