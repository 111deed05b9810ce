package dev.weir.sidecar.runtime;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Sees to it that a channel which is only waiting for its last bytes to go out ends: a peer that
 * takes none of them for a given time is cut off. Event loop of the channel.
 */
public final class LastFlush implements Runnable {
  private final Loop loop;
  private final Channel channel;
  private final long patienceNanos;
  private final LazyTimer timer;
  private long unwritten;

  private LastFlush(Loop loop, Channel channel, long patienceNanos) {
    this.loop = loop;
    this.channel = channel;
    this.patienceNanos = patienceNanos;
    this.timer = new LazyTimer(loop, this);
    channel.closeFuture().addListener(closed -> timer.cancel());
    arm();
  }

  /**
   * Closes {@code channel} when what has been written to it is out.
   *
   * @param patienceNanos 0 for any
   */
  public static void close(Loop loop, Channel channel, long patienceNanos) {
    // An empty write is done when all before it are.
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    watch(loop, channel, patienceNanos);
  }

  /**
   * Resets {@code channel} when what has been written to it is out: its peer is to see that this is
   * no proper end.
   *
   * @param patienceNanos 0 for any
   */
  public static void reset(Loop loop, Channel channel, long patienceNanos) {
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(written -> {
          if (channel.isOpen()) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            channel.close();
          }
        });
    watch(loop, channel, patienceNanos);
  }

  /** Closes {@code channel} when nothing has gone out for {@code patienceNanos}; 0: never. */
  public static void watch(Loop loop, Channel channel, long patienceNanos) {
    if (patienceNanos > 0 && channel.isOpen()) {
      new LastFlush(loop, channel, patienceNanos);
    }
  }

  /**
   * From now on {@code channel} ends by a reset instead of a FIN, and what it has not sent is lost.
   * One that is closed stays so: its options cannot be set any more.
   */
  public static void endByReset(Channel channel) {
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    }
  }

  private void arm() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    unwritten = buffer == null ? 0 : buffer.totalPendingWriteBytes();
    timer.set(loop.nanoTime() + patienceNanos);
  }

  @Override
  public void run() {
    long before = unwritten;
    arm();
    if (unwritten >= before) {
      channel.close();
    }
  }
}
