package dev.weir.sidecar.runtime;

import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.internal.PlatformDependent;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How much of what a peer does not take each connection may hold before what feeds it is paused:
 * less the more connections there are, so that all of them together, each with a peer that reads
 * nothing, leave memory for buffers to the others. Any thread.
 */
public final class BufferShare {
  /** Enough to keep a socket busy, which has megabytes of its own in the kernel. */
  private static final int MOST = 64 << 10;

  private static final int LEAST = 8 << 10;

  /** Envoy's default: who configures more wants it. */
  private static final int DEFAULT_LIMIT = 1 << 20;

  /** Of the memory for buffers: 1/8 + 1/8 ln(n) is what n connections come to, see the test. */
  private static final int PART = 8;

  private final long whole;
  private final AtomicInteger connections = new AtomicInteger();

  public BufferShare() {
    this(PlatformDependent.maxDirectMemory());
  }

  /**
   * @param memory bytes for buffers
   */
  BufferShare(long memory) {
    whole = memory / PART;
  }

  /**
   * Bounds what {@code channel}, which is new, may hold.
   *
   * @param limit what its configuration allows, in bytes
   */
  public void join(Channel channel, int limit) {
    int high = share(connections.incrementAndGet(), limit);
    channel.closeFuture().addListener(closed -> connections.decrementAndGet());
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(high / 2, high));
  }

  /** Of the connection that is number {@code count}. */
  int share(int count, int limit) {
    return limit > DEFAULT_LIMIT ? limit : Math.min(limit, Math.clamp(whole / count, LEAST, MOST));
  }
}
