package dev.weir.sidecar.profile;

import java.time.Duration;

/** Who waits for an answer. Any thread that may wait. */
public interface Asker {
  /** Waits so long at most; true as soon as nobody waits for the answer any more. */
  boolean leavesWithin(Duration limit) throws InterruptedException;
}
