package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;

/**
 * {@code connection_keepalive}: a PING every interval; a peer that does not answer one in time is
 * gone. Event loop of the connection.
 */
final class KeepAlive {
  private final Loop loop;
  private final Http2Options.KeepAlive options;
  private final Runnable ping;
  private final Runnable dead;
  private final LazyTimer timer;
  private boolean asked;

  /**
   * @param ping sends one
   * @param dead the peer has not answered
   */
  KeepAlive(Loop loop, Http2Options.KeepAlive options, Runnable ping, Runnable dead) {
    this.loop = loop;
    this.options = options;
    this.ping = ping;
    this.dead = dead;
    this.timer = new LazyTimer(loop, this::due);
    rest();
  }

  private void rest() {
    asked = false;
    timer.set(loop.nanoTime() + options.interval().toNanos());
  }

  private void due() {
    if (asked) {
      dead.run();
    } else {
      asked = true;
      ping.run();
      timer.set(loop.nanoTime() + options.timeout().toNanos());
    }
  }

  /** The peer has answered. */
  void answered() {
    if (asked) {
      rest();
    }
  }

  void stop() {
    timer.cancel();
  }
}
