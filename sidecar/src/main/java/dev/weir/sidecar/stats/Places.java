package dev.weir.sidecar.stats;

import java.util.BitSet;

/** Which places of the slabs are taken; the lowest free ones are next, so that slabs stay short. */
final class Places {
  private final BitSet taken = new BitSet();
  private int lowest;

  /** The first of {@code count} places that follow on one another; no place if it is 0. */
  int take(int count) {
    int first = taken.nextClearBit(lowest);
    for (int end = taken.nextSetBit(first); end >= 0 && end < first + count; ) {
      first = taken.nextClearBit(end);
      end = taken.nextSetBit(first);
    }
    taken.set(first, first + count);
    lowest = taken.nextClearBit(lowest);
    return first;
  }

  void free(int place) {
    taken.clear(place);
    lowest = Math.min(lowest, place);
  }

  int count() {
    return taken.cardinality();
  }
}
