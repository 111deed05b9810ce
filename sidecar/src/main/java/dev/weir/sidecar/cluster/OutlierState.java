package dev.weir.sidecar.cluster;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What outlier detection keeps about one host. Counts are for any loop; the rest is guarded by the
 * detector.
 */
final class OutlierState {
  final AtomicInteger consecutive5xx = new AtomicInteger();
  final AtomicInteger consecutiveGateway = new AtomicInteger();
  final AtomicInteger consecutiveLocal = new AtomicInteger();
  private volatile boolean ejected;
  int ejections;

  /** Written under the detector's lock. */
  volatile int times;

  long ejectedAtNanos;

  boolean ejected() {
    return ejected;
  }

  void ejected(boolean value) {
    ejected = value;
  }

  /** True if it was ejected until now. */
  synchronized boolean readmit() {
    boolean was = ejected;
    ejected = false;
    return was;
  }
}
