package dev.weir.sidecar.http.h2;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Settings;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * Netty's writer of frames, but that heads and small bodies of all streams go into one buffer,
 * which is written to the channel at the end of the loop's turn ({@link #writeOut}), before a frame
 * of another kind, or when it is full. Netty's way is a buffer for each frame's header and for its
 * payload, with a promise for both and a slice: five buffers and as many entries of the channel's
 * queue for a request and its response. Event loop of the connection.
 */
final class FrameWriter extends DefaultHttp2FrameWriter {
  /** So much is written out at once: the channel's watermark does not see it before. */
  private static final int FULL = 8 << 10;

  /** A larger part of a body is not copied. */
  static final int COPIED = 2 << 10;

  private static final int LEAST_CAPACITY = 512;
  private static final Http2Flags NONE = new Http2Flags();
  private static final Http2Flags END_STREAM = new Http2Flags().endOfStream(true);
  private static final Http2Flags END_HEADERS = new Http2Flags().endOfHeaders(true);
  private static final Http2Flags END_BOTH = new Http2Flags().endOfHeaders(true).endOfStream(true);

  private final Http2HeadersEncoder hpack;
  private ChannelFutureListener failures = future -> {};
  private @Nullable ByteBuf frames;
  private @Nullable ChannelPromise written;

  /** About what a turn brings: a little more than it last did. */
  private int capacity = LEAST_CAPACITY;

  private boolean closed;

  FrameWriter() {
    this(new DefaultHttp2HeadersEncoder(Unindexed.FIELDS));
  }

  private FrameWriter(Http2HeadersEncoder hpack) {
    super(hpack);
    this.hpack = hpack;
  }

  /** {@code listener} hears of every write of heads and bodies. */
  void listener(ChannelFutureListener listener) {
    failures = listener;
  }

  /**
   * A head or trailers.
   *
   * @return done when the channel has taken it
   * @throws Http2Exception if HPACK refuses the fields; nothing is written then
   */
  ChannelFuture headers(ChannelHandlerContext ctx, int stream, Http2Headers fields, boolean end)
      throws Http2Exception {
    if (closed) {
      return ctx.newFailedFuture(new ClosedChannelException());
    }
    ByteBuf buffer = frames(ctx);
    ChannelFuture future = java.util.Objects.requireNonNull(written);
    int start = buffer.writerIndex();
    int block = start + Http2CodecUtil.FRAME_HEADER_LENGTH;
    buffer.writeZero(Http2CodecUtil.FRAME_HEADER_LENGTH); // its length is known afterwards
    boolean done = false;
    try {
      hpack.encodeHeaders(stream, fields, buffer);
      done = true;
    } finally {
      if (!done) {
        buffer.writerIndex(start);
      }
    }
    int length = buffer.writerIndex() - block;
    if (length > maxFrameSize()) {
      split(ctx, buffer, start, stream, end);
    } else {
      buffer.writerIndex(start);
      Http2CodecUtil.writeFrameHeader(
          buffer, length, Http2FrameTypes.HEADERS, end ? END_BOTH : END_HEADERS, stream);
      buffer.writerIndex(block + length);
    }
    writeOutFull(ctx, buffer);
    return future;
  }

  /** A block that begins behind {@code start} and is too long for one frame: RFC 9113 6.10. */
  private void split(
      ChannelHandlerContext ctx, ByteBuf buffer, int start, int stream, boolean end) {
    int begin = start + Http2CodecUtil.FRAME_HEADER_LENGTH;
    int length = buffer.writerIndex() - begin;
    ByteBuf block = ctx.alloc().buffer(length);
    try {
      block.writeBytes(buffer, begin, length);
      buffer.writerIndex(start);
      int part = maxFrameSize();
      Http2CodecUtil.writeFrameHeader(
          buffer, part, Http2FrameTypes.HEADERS, end ? END_STREAM : NONE, stream);
      buffer.writeBytes(block, part);
      while (block.isReadable()) {
        part = Math.min(maxFrameSize(), block.readableBytes());
        Http2Flags flags = part == block.readableBytes() ? END_HEADERS : NONE;
        Http2CodecUtil.writeFrameHeader(buffer, part, Http2FrameTypes.CONTINUATION, flags, stream);
        buffer.writeBytes(block, part);
      }
    } finally {
      block.release();
    }
  }

  /**
   * A part of a body, which is released or handed on.
   *
   * @return done when the channel has taken it
   */
  ChannelFuture data(ChannelHandlerContext ctx, int stream, ByteBuf data, boolean end) {
    if (closed) {
      data.release();
      return ctx.newFailedFuture(new ClosedChannelException());
    }
    int length = data.readableBytes();
    if (length > Math.min(COPIED, maxFrameSize())) {
      return writeData(ctx, stream, data, 0, end, ctx.newPromise()).addListener(failures);
    }
    try {
      ByteBuf buffer = frames(ctx);
      ChannelFuture future = java.util.Objects.requireNonNull(written);
      Http2CodecUtil.writeFrameHeader(
          buffer, length, Http2FrameTypes.DATA, end ? END_STREAM : NONE, stream);
      buffer.writeBytes(data);
      writeOutFull(ctx, buffer);
      return future;
    } finally {
      data.release();
    }
  }

  private ByteBuf frames(ChannelHandlerContext ctx) {
    ByteBuf buffer = frames;
    if (buffer == null) {
      buffer = ctx.alloc().buffer(capacity);
      frames = buffer;
      written = ctx.newPromise();
      written.addListener(failures);
    }
    return buffer;
  }

  private void writeOutFull(ChannelHandlerContext ctx, ByteBuf buffer) {
    if (buffer.readableBytes() >= FULL) {
      writeOut(ctx);
    }
  }

  /** Hands the channel what has come together; it flushes it when it is told so. */
  void writeOut(ChannelHandlerContext ctx) {
    ByteBuf buffer = frames;
    ChannelPromise promise = written;
    if (buffer != null && promise != null) {
      frames = null;
      written = null;
      int used = buffer.readableBytes();
      capacity = Math.max(LEAST_CAPACITY, used > capacity ? used : (3 * capacity + used) / 4);
      ctx.write(buffer, promise);
    }
  }

  @Override
  public void close() {
    closed = true;
    ByteBuf buffer = frames;
    ChannelPromise promise = written;
    if (buffer != null && promise != null) {
      frames = null;
      written = null;
      buffer.release();
      promise.tryFailure(new ClosedChannelException());
    }
    super.close();
  }

  // ---- Netty's own frames keep their place behind those that were written before

  @Override
  public ChannelFuture writeData(
      ChannelHandlerContext ctx,
      int streamId,
      ByteBuf data,
      int padding,
      boolean endStream,
      ChannelPromise promise) {
    writeOut(ctx);
    return super.writeData(ctx, streamId, data, padding, endStream, promise);
  }

  @Override
  public ChannelFuture writeHeaders(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int padding,
      boolean endStream,
      ChannelPromise promise) {
    writeOut(ctx);
    return super.writeHeaders(ctx, streamId, headers, padding, endStream, promise);
  }

  @Override
  public ChannelFuture writeHeaders(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int streamDependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endStream,
      ChannelPromise promise) {
    writeOut(ctx);
    return super.writeHeaders(
        ctx, streamId, headers, streamDependency, weight, exclusive, padding, endStream, promise);
  }

  @Override
  public ChannelFuture writePriority(
      ChannelHandlerContext ctx,
      int streamId,
      int streamDependency,
      short weight,
      boolean exclusive,
      ChannelPromise promise) {
    writeOut(ctx);
    return super.writePriority(ctx, streamId, streamDependency, weight, exclusive, promise);
  }

  @Override
  public ChannelFuture writeRstStream(
      ChannelHandlerContext ctx, int streamId, long errorCode, ChannelPromise promise) {
    writeOut(ctx);
    return super.writeRstStream(ctx, streamId, errorCode, promise);
  }

  @Override
  public ChannelFuture writeSettings(
      ChannelHandlerContext ctx, Http2Settings settings, ChannelPromise promise) {
    writeOut(ctx);
    return super.writeSettings(ctx, settings, promise);
  }

  @Override
  public ChannelFuture writeSettingsAck(ChannelHandlerContext ctx, ChannelPromise promise) {
    writeOut(ctx);
    return super.writeSettingsAck(ctx, promise);
  }

  @Override
  public ChannelFuture writePing(
      ChannelHandlerContext ctx, boolean ack, long data, ChannelPromise promise) {
    writeOut(ctx);
    return super.writePing(ctx, ack, data, promise);
  }

  @Override
  public ChannelFuture writePushPromise(
      ChannelHandlerContext ctx,
      int streamId,
      int promisedStreamId,
      Http2Headers headers,
      int padding,
      ChannelPromise promise) {
    writeOut(ctx);
    return super.writePushPromise(ctx, streamId, promisedStreamId, headers, padding, promise);
  }

  @Override
  public ChannelFuture writeGoAway(
      ChannelHandlerContext ctx,
      int lastStreamId,
      long errorCode,
      ByteBuf debugData,
      ChannelPromise promise) {
    writeOut(ctx);
    return super.writeGoAway(ctx, lastStreamId, errorCode, debugData, promise);
  }

  @Override
  public ChannelFuture writeWindowUpdate(
      ChannelHandlerContext ctx, int streamId, int windowSizeIncrement, ChannelPromise promise) {
    writeOut(ctx);
    return super.writeWindowUpdate(ctx, streamId, windowSizeIncrement, promise);
  }

  @Override
  public ChannelFuture writeFrame(
      ChannelHandlerContext ctx,
      byte frameType,
      int streamId,
      Http2Flags flags,
      ByteBuf payload,
      ChannelPromise promise) {
    writeOut(ctx);
    return super.writeFrame(ctx, frameType, streamId, flags, payload, promise);
  }
}
