package dev.weir.sidecar.runtime;

import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One deadline that moves often and passes rarely. Moving it later costs a store: the task in
 * flight finds it moved and re-arms itself. Event loop only.
 */
public final class LazyTimer implements Runnable {
  /** No deadline. */
  public static final long NEVER = Long.MAX_VALUE;

  private final Loop loop;
  private final Runnable expired;
  private long deadline = NEVER;
  private long armed = NEVER;
  private @Nullable Future<?> task;

  public LazyTimer(Loop loop, Runnable expired) {
    this.loop = loop;
    this.expired = expired;
  }

  /**
   * {@code nanos} on the scale of {@link Clock#nanoTime()}, or {@link #NEVER}. Replaces the
   * deadline.
   */
  public void set(long nanos) {
    deadline = nanos;
    if (nanos < armed) {
      arm(nanos);
    }
  }

  /** Like {@link #set}, but never later than the deadline in force. */
  public void setEarlier(long nanos) {
    if (nanos < deadline) {
      set(nanos);
    }
  }

  public void clear() {
    deadline = NEVER;
  }

  /** Clears the deadline and the task behind it: its owner is gone. */
  public void cancel() {
    deadline = NEVER;
    if (task != null) {
      task.cancel(false);
      task = null;
      armed = NEVER;
    }
  }

  private void arm(long nanos) {
    if (task != null) {
      task.cancel(false);
    }
    armed = nanos;
    task =
        loop.eventLoop().schedule(this, Math.max(0, nanos - loop.nanoTime()), TimeUnit.NANOSECONDS);
  }

  @Override
  public void run() {
    armed = NEVER;
    task = null;
    if (deadline == NEVER) {
      return;
    }
    if (loop.nanoTime() - deadline >= 0) {
      deadline = NEVER;
      try {
        expired.run();
      } catch (Throwable mistake) {
        loop.incidents().report("a timer", mistake); // else it would end in the task's future
      }
    } else {
      arm(deadline);
    }
  }
}
