package dev.weir.sidecar.runtime;

import java.util.function.LongSupplier;

/**
 * Keeps the heap of a process at twice what lives in it. The serial collector lets what outlived
 * its youth lie, dead or not, until the heap is as large as it may be: of one that may have 256
 * MiB, and in which 12 MiB live, that is memory of the machine that nobody has a use for. So the
 * old are collected when there is as much dead as living. Not thread-safe.
 */
public final class HeapBound {
  private static final long FIRST_SLACK = 8L << 20;

  /** Less than this is never worth a collection. */
  private static final long LEAST = 24L << 20;

  /** Collections with fewer looks between them are too many. */
  private static final int SELDOM = 10;

  private final LongSupplier used;
  private final Runnable collect;
  private long bound = LEAST;

  /** What the young may take, which is not told: more, while collections are too many. */
  private long slack = FIRST_SLACK;

  private int looks = SELDOM;

  /** Of this process, with whatever collector it has. */
  public HeapBound() {
    this(() -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory(), System::gc);
  }

  /**
   * @param used how many bytes of the heap are in use, by what lives and by what is dead
   * @param collect returns when what was dead is gone
   */
  HeapBound(LongSupplier used, Runnable collect) {
    this.used = used;
    this.collect = collect;
  }

  /**
   * Collects if it is time to; all threads are stopped for it, some 2 ms for each MiB that lives.
   * To be called each second or so.
   */
  public void look() {
    looks++;
    long now = used.getAsLong();
    if (now <= bound) {
      bound = Math.min(bound, boundFor(now)); // no more than this lives, whoever found out
      return;
    }
    collect.run();
    if (looks < SELDOM) {
      slack *= 2;
    }
    looks = 0;
    bound = boundFor(used.getAsLong());
  }

  private long boundFor(long live) {
    return Math.max(LEAST, 2 * live + slack);
  }
}
