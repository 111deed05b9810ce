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
 * KiB of one whose turns have taken long for that, since thousands of heads, frames or chunks fit
 * into the other. It is not slower for it, its turn comes more often. One for each connection; its
 * event loop.
 */
public final class TurnReads extends AdaptiveRecvByteBufAllocator {
  /** In a row: a flood of small frames must not keep the others waiting. */
  private static final int MOST_READS = 2;

  private static final int NARROW = 2 << 10;

  /** A turn that takes longer than this and so much a byte, 2 ms of 128 KiB, is long. */
  private static final long LONG_NANOS = 500_000;

  private static final int LONG_NANOS_A_BYTE = 12;

  /** In small parts: or a peer whose bytes cost as much as before would get large ones again. */
  private static final long NARROW_LONG_NANOS = 100_000;

  /** So many short ones in a row are the end of it: a record of TLS comes in several. */
  private static final int TURNS = 8;

  private final Clock clock;
  private boolean narrow;
  private int shortTurns;

  private TurnReads(Clock clock) {
    this.clock = clock;
    maxMessagesPerRead(MOST_READS);
  }

  /** {@code channel} is read so from now on; it was not read yet. */
  public static void install(Channel channel, Clock clock) {
    channel.config().setRecvByteBufAllocator(new TurnReads(clock));
  }

  private void turnOver(boolean tookLong) {
    if (tookLong) {
      narrow = true;
      shortTurns = 0;
    } else if (narrow && ++shortTurns == TURNS) {
      narrow = false;
    }
  }

  @Override
  @SuppressWarnings("deprecation") // what Netty's channels ask for
  public Handle newHandle() {
    return new Narrowing((ExtendedHandle) super.newHandle());
  }

  @SuppressWarnings("deprecation") // what Netty's channels ask for
  private final class Narrowing implements RecvByteBufAllocator.ExtendedHandle {
    private final ExtendedHandle wide;

    /** When the first large read of this turn was done; small ones are not worth a clock. */
    private long begun;

    private boolean timed;
    private int bytes;

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
      timed = false;
      bytes = 0;
    }

    @Override
    public void incMessagesRead(int messages) {
      wide.incMessagesRead(messages);
    }

    @Override
    public void lastBytesRead(int read) {
      wide.lastBytesRead(read);
      bytes += read; // less than 0 is the end
      if (read >= NARROW && !timed) {
        timed = true;
        begun = clock.nanoTime();
      }
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
      return wide.continueReading() && !tookLong();
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier more) {
      return wide.continueReading(more) && !tookLong();
    }

    @Override
    public void readComplete() {
      wide.readComplete();
      turnOver(tookLong());
    }

    private boolean tookLong() {
      if (!timed) {
        return false;
      }
      long allowed = (narrow ? NARROW_LONG_NANOS : LONG_NANOS) + (long) LONG_NANOS_A_BYTE * bytes;
      return clock.nanoTime() - begun > allowed;
    }
  }
}
