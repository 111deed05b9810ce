package dev.weir.sidecar.runtime;

import io.netty.channel.Channel;
import java.time.Duration;

/** {@code max_connection_duration}: asks a connection to end when it has lived so long. */
public final class MaxAge {
  private MaxAge() {}

  /**
   * Calls {@code drain} on the event loop once {@code age} has passed, unless the channel is closed
   * before.
   *
   * @param age zero is no limit
   */
  public static void limit(Channel channel, Loop loop, Duration age, Runnable drain) {
    if (age.isZero()) {
      return;
    }
    LazyTimer timer = new LazyTimer(loop, drain);
    timer.set(loop.nanoTime() + age.toNanos());
    channel.closeFuture().addListener(closed -> timer.cancel());
  }
}
