package dev.weir.sidecar.testkit;

import dev.weir.sidecar.runtime.Clock;
import java.time.Duration;

/** A clock that moves when it is told to. */
public final class HandClock implements Clock {
  private long nanos = 1_000_000_000L;

  public void advance(Duration by) {
    nanos += by.toNanos();
  }

  @Override
  public long nanoTime() {
    return nanos;
  }

  @Override
  public long currentTimeMillis() {
    return nanos / 1_000_000;
  }
}
