package dev.weir.sidecar.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.CoalescingBufferQueue;
import io.netty.handler.codec.http2.Http2RemoteFlowController.FlowControlled;
import org.jspecify.annotations.Nullable;

/** A part of a body that waits for the peer's window, with those that have joined it. */
final class QueuedData implements FlowControlled {
  private final StreamWriter writer;
  private final Http2StreamState state;

  /** The only part; of several there is {@link #parts}. */
  private @Nullable ByteBuf data;

  private @Nullable CoalescingBufferQueue parts;
  private int size;
  private boolean end;
  private @Nullable ChannelFuture written;

  QueuedData(StreamWriter writer, Http2StreamState state, ByteBuf data, boolean end) {
    this.writer = writer;
    this.state = state;
    this.data = data;
    this.size = data.readableBytes();
    this.end = end;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public boolean merge(ChannelHandlerContext ctx, FlowControlled next) {
    if (!(next instanceof QueuedData later) || Integer.MAX_VALUE - size < later.size) {
      return false;
    }
    CoalescingBufferQueue queue = parts;
    if (queue == null) {
      queue = new CoalescingBufferQueue(ctx.channel());
      parts = queue;
      add(queue, this);
    }
    add(queue, later);
    size = queue.readableBytes();
    end = later.end;
    return true;
  }

  private static void add(CoalescingBufferQueue queue, QueuedData from) {
    ByteBuf data = from.data;
    if (data != null) {
      from.data = null;
      queue.add(data);
    }
  }

  @Override
  public void write(ChannelHandlerContext ctx, int allowed) {
    int bytes = Math.min(size, allowed);
    if (bytes == 0 && size > 0) {
      return;
    }
    boolean last = bytes == size;
    ByteBuf part = take(ctx, bytes, last);
    size -= bytes;
    if (bytes > 0 || end) {
      written = writer.writeNow(state.stream(), part, end && last);
    } else {
      part.release();
    }
  }

  private ByteBuf take(ChannelHandlerContext ctx, int bytes, boolean last) {
    CoalescingBufferQueue queue = parts;
    if (queue != null) {
      return queue.remove(bytes, ctx.newPromise());
    }
    ByteBuf only = java.util.Objects.requireNonNull(data);
    if (!last) {
      return only.readRetainedSlice(bytes);
    }
    data = null;
    return only;
  }

  @Override
  public void writeComplete() {
    if (end && written != null) {
      writer.ended(state, written);
    }
  }

  /** It will not be sent: its stream is closed. */
  @Override
  public void error(ChannelHandlerContext ctx, Throwable cause) {
    if (data != null) {
      data.release();
      data = null;
    }
    if (parts != null) {
      parts.releaseAndFailAll(cause);
    }
    writer.failed(cause);
  }
}
