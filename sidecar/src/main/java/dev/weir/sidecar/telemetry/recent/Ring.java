package dev.weir.sidecar.telemetry.recent;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The last so many of one kind, of one loop. One writer, that loop; any thread reads. */
final class Ring {
  private final AtomicReferenceArray<@Nullable RecentRequest> places;
  private int next;

  Ring(int size) {
    places = new AtomicReferenceArray<>(size);
  }

  void add(RecentRequest request) {
    places.setRelease(next, request);
    next = next + 1 == places.length() ? 0 : next + 1;
  }

  /** In no order. */
  List<RecentRequest> all() {
    List<RecentRequest> all = new ArrayList<>();
    for (int i = 0; i < places.length(); i++) {
      RecentRequest request = places.getAcquire(i);
      if (request != null) {
        all.add(request);
      }
    }
    return all;
  }
}
