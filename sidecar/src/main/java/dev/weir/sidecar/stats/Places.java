package dev.weir.sidecar.stats;

import java.util.BitSet;

/** Which places of the slabs are taken; the lowest free one is next, so that slabs stay short. */
final class Places {
  private final BitSet taken = new BitSet();
  private int lowest;

  int take() {
    int place = taken.nextClearBit(lowest);
    taken.set(place);
    lowest = place + 1;
    return place;
  }

  void free(int place) {
    taken.clear(place);
    lowest = Math.min(lowest, place);
  }

  int count() {
    return taken.cardinality();
  }
}
