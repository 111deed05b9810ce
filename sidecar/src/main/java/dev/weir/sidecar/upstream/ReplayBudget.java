package dev.weir.sidecar.upstream;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes that all request bodies kept for another attempt may hold together. It can be overdrawn
 * by what has been read already and has no connection to go to yet. Any thread.
 */
public final class ReplayBudget {
  private final long limit;
  private final AtomicLong taken = new AtomicLong();

  /**
   * @param limit bytes
   */
  public ReplayBudget(long limit) {
    this.limit = limit;
  }

  /** Negative if it is overdrawn. */
  public long left() {
    return limit - taken.get();
  }

  void take(int bytes) {
    taken.addAndGet(bytes);
  }

  void give(long bytes) {
    if (bytes > 0) {
      taken.addAndGet(-bytes);
    }
  }
}
