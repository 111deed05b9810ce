package dev.weir.sidecar.runtime;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * How much of a connection is read in its turn: by what it has sent lately, 128 KiB at most; and 4
 * KiB of one in which many requests began in a turn of late, since thousands of heads fit into the
 * other. It is not slower for it, its turn comes more often. One for each connection; its event
 * loop.
 */
public final class TurnReads extends AdaptiveRecvByteBufAllocator {
  /** In a row: a flood of small frames must not keep the others waiting. */
  private static final int MOST_READS = 2;

  private static final int NARROW = 2 << 10;

  /** So many requests in a turn are many. */
  private static final int MANY = 128;

  /** So many in a row in which few began are the end of it: a record of TLS comes in several. */
  private static final int TURNS = 8;

  private boolean narrow;
  private int begun;
  private int quiet;

  private TurnReads() {
    maxMessagesPerRead(MOST_READS);
  }

  /** {@code channel} is read so from now on; it was not read yet. */
  public static void install(Channel channel) {
    channel.config().setRecvByteBufAllocator(new TurnReads());
  }

  /** A request has begun in this turn. */
  public static void begun(Channel channel) {
    if (channel.config().getRecvByteBufAllocator() instanceof TurnReads reads) {
      reads.begun++;
    }
  }

  /** The turn is over. */
  public static void turnOver(Channel channel) {
    if (channel.config().getRecvByteBufAllocator() instanceof TurnReads reads) {
      reads.turnOver();
    }
  }

  private void turnOver() {
    if (begun >= (narrow ? MANY / 2 : MANY)) {
      narrow = true;
      quiet = 0;
    } else if (narrow && ++quiet == TURNS) {
      narrow = false;
    }
    begun = 0;
  }

  @Override
  @SuppressWarnings("deprecation") // what Netty's channels ask for
  public Handle newHandle() {
    return new Narrowing((ExtendedHandle) super.newHandle());
  }

  @SuppressWarnings("deprecation") // what Netty's channels ask for
  private final class Narrowing implements RecvByteBufAllocator.ExtendedHandle {
    private final ExtendedHandle wide;

    Narrowing(ExtendedHandle wide) {
      this.wide = wide;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      return narrow ? allocator.ioBuffer(NARROW) : wide.allocate(allocator);
    }

    @Override
    public int guess() {
      return narrow ? NARROW : wide.guess();
    }

    @Override
    public void reset(ChannelConfig config) {
      wide.reset(config);
    }

    @Override
    public void incMessagesRead(int messages) {
      wide.incMessagesRead(messages);
    }

    @Override
    public void lastBytesRead(int bytes) {
      wide.lastBytesRead(bytes);
    }

    @Override
    public int lastBytesRead() {
      return wide.lastBytesRead();
    }

    @Override
    public void attemptedBytesRead(int bytes) {
      wide.attemptedBytesRead(bytes);
    }

    @Override
    public int attemptedBytesRead() {
      return wide.attemptedBytesRead();
    }

    @Override
    public boolean continueReading() {
      return wide.continueReading();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier more) {
      return wide.continueReading(more);
    }

    @Override
    public void readComplete() {
      wide.readComplete();
    }
  }
}
