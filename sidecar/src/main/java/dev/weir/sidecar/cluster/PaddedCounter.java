package dev.weir.sidecar.cluster;

import java.util.concurrent.atomic.AtomicInteger;

/** A counter that shares its cache line with nobody. */
public final class PaddedCounter extends AtomicInteger {
  private static final long serialVersionUID = 1;

  @SuppressWarnings("unused") // room
  private long p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11, p12, p13, p14, p15;

  public PaddedCounter() {
    super(0);
  }

  /** Adds one unless that would exceed {@code max}. */
  public boolean tryIncrement(int max) {
    while (true) {
      int current = get();
      if (current >= max) {
        return false;
      }
      if (compareAndSet(current, current + 1)) {
        return true;
      }
    }
  }
}
