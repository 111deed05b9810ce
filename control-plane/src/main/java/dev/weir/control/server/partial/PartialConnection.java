package dev.weir.control.server.partial;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What has come on one connection of requests that are not whole. It is told when all that had come
 * is read, so that nobody waits for a lock who says all of a request at once. Behind TLS; event
 * loop of the connection.
 *
 * <p>Each part of a request is handed on in a buffer of its own, so that no more is kept than that
 * part: a byte would keep all that came with it.
 */
final class PartialConnection extends ChannelInboundHandlerAdapter {
  /** Objects that hold a part, however small it is. */
  static final int OF_A_PART = 256;

  private final PartialRequests all;
  private final FrameBounds frames = new FrameBounds();
  private @Nullable ChannelHandlerContext context;
  private @Nullable SocketAddress peer;
  private @Nullable Http2ConnectionHandler http2;

  /** In gRPC's hands. */
  private long kept;

  /** Parts that came and that gRPC has not taken. */
  private int parts;

  /** Parts that nobody sends who means well; gRPC keeps them, and does not say until when. */
  private int idle;

  /** A request has become whole since it was told. */
  private boolean whole;

  private long told;
  private boolean toldOwes;
  private boolean reading;
  private volatile boolean over;

  PartialConnection(PartialRequests all) {
    this.all = all;
  }

  /** Puts one where the frames are when the first bytes come: TLS is there by then. */
  static ChannelInboundHandlerAdapter placing(PartialRequests all) {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        ChannelPipeline pipeline = context.pipeline();
        ChannelHandlerContext tls = pipeline.context(SslHandler.class);
        ChannelHandlerContext before = tls == null ? context : tls;
        pipeline.addAfter(before.name(), null, new PartialConnection(all));
        context.fireChannelRead(message);
        pipeline.remove(this);
      }
    };
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    peer = added.channel().remoteAddress();
    if (peer == null) {
      over = true;
    } else {
      all.began(peer, this);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    reading = true;
    ByteBuf in = (ByteBuf) message;
    try {
      int begin = in.readerIndex();
      while (in.isReadable()) {
        int frame = in.readerIndex();
        int end = frame + frames.next(in);
        if (frames.isData()) {
          parts++;
          idle += frames.isIdle() ? 1 : 0;
          handOn(context, in, begin, frame);
          handOn(context, in, frame, end);
          begin = end;
        }
        in.readerIndex(end);
      }
      handOn(context, in, begin, in.writerIndex());
    } finally {
      in.release();
    }
  }

  private static void handOn(ChannelHandlerContext context, ByteBuf in, int begin, int end) {
    int length = end - begin;
    if (length > 0) {
      context.fireChannelRead(context.alloc().buffer(length, length).writeBytes(in, begin, length));
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    context.fireChannelReadComplete();
    reading = false;
    tell();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    over = true;
    if (peer != null) {
      all.over(peer, this);
    }
    context.fireChannelInactive();
  }

  /** gRPC keeps so much more; less than 0: it keeps less. */
  void keeps(long more) {
    kept += more;
    if (!reading) {
      tell();
    }
  }

  /** How many parts gRPC takes, whose bytes it has just been told of: all that are there. */
  int taken() {
    int all = Math.max(1, parts);
    parts = 0;
    return all;
  }

  /** A request is whole. */
  void whole() {
    whole = true;
  }

  /** A call is over; HTTP/2 lets go of what it had when it has told all of that. */
  void callOver() {
    if (!reading && told > 0) {
      Objects.requireNonNull(context).executor().execute(this::tell);
    }
  }

  private void tell() {
    long unread = unread();
    parts = (int) Math.min(parts, unread); // each that is not read has a byte
    long owing = frames.begun() + kept + (long) idle * OF_A_PART;
    long now = owing + unread + (long) parts * OF_A_PART;
    boolean owes = owing > 0;
    if ((now != told || owes != toldOwes) && !over) {
      told = now;
      toldOwes = owes;
      all.has(this, now, owes, whole);
      whole = false;
    }
  }

  /** In the hands of HTTP/2, since gRPC has not asked for it. */
  private long unread() {
    if (http2 == null) {
      http2 = Objects.requireNonNull(context).pipeline().get(Http2ConnectionHandler.class);
      if (http2 == null) {
        return 0;
      }
    }
    Http2Connection connection = http2.connection();
    Http2LocalFlowController window = connection.local().flowController();
    long[] bytes = new long[1];
    try {
      connection.forEachActiveStream(stream -> {
        bytes[0] += window.unconsumedBytes(stream);
        return true;
      });
    } catch (Http2Exception impossible) {
      throw new IllegalStateException(impossible);
    }
    return bytes[0];
  }

  /**
   * Ends it at once, on its loop, without a word to whoever reads nothing; returns whose it was.
   * Any thread.
   */
  SocketAddress end() {
    over = true;
    ChannelHandlerContext own = Objects.requireNonNull(context);
    Channel.Unsafe channel = own.channel().unsafe();
    own.executor().execute(() -> channel.close(channel.voidPromise()));
    return Objects.requireNonNull(peer);
  }
}
