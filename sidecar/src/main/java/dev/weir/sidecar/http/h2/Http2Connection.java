package dev.weir.sidecar.http.h2;

import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.runtime.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What both sides of HTTP/2 have in common: Netty's connection handler with our streams hung on its
 * streams, and flushes that follow our loop.
 */
abstract class Http2Connection extends Http2ConnectionHandler implements Loop.Flushable {
  /** What our pings carry. */
  private static final long PING = 0x77656972;

  private final Loop loop;
  private final StreamBook book;
  private final io.netty.handler.codec.http2.Http2Connection.PropertyKey key;
  private final StreamWriter writer;
  private @Nullable ChannelHandlerContext context;
  private final Http2Options options;
  private boolean begun;
  private @Nullable KeepAlive keepAlive;
  private boolean dirty;

  /** The connection ends for what the peer did: what it has sent behind that is not looked at. */
  private boolean deaf;

  Http2Connection(
      Loop loop,
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      Http2Options options) {
    super(decoder, encoder, settings);
    this.loop = loop;
    this.book = (StreamBook) decoder.connection();
    this.options = options;
    this.key = connection().newKey();
    FrameWriter frames = (FrameWriter) encoder.frameWriter();
    frames.listener(written -> {
      if (!written.isSuccess()) {
        onError(context(), true, written.cause());
      }
    });
    this.writer = new StreamWriter(this, frames);
    decoder.frameListener(new Frames());
    connection().addListener(new Closings());
    encoder.flowController().listener(this::streamWritabilityChanged);
  }

  /** Builds a handler around Netty's parts. */
  abstract static class Builder<T extends Http2Connection>
      extends AbstractHttp2ConnectionHandlerBuilder<T, Builder<T>> {
    T build(boolean server, Http2Options options, int maxHeadBytes) {
      StreamBook connection = new StreamBook(server);
      // The connection's window refills by itself: a stream that nobody reads must not stop the
      // others.
      connection
          .local()
          .flowController(new DefaultHttp2LocalFlowController(connection, 0.5f, true));
      Http2Settings settings =
          Http2Settings.defaultSettings()
              .initialWindowSize(options.initialStreamWindow())
              .maxHeaderListSize(maxHeadBytes);
      if (server) {
        settings.maxConcurrentStreams(options.maxConcurrentStreams());
        // Netty holds to it when the peer has acknowledged it, and some never do.
        connection.remote().maxActiveStreams(options.maxConcurrentStreams());
        // Which upgrades there are is said by the routes in force, which change while it is open.
        settings.connectProtocolEnabled(true);
      } else {
        settings.pushEnabled(false);
      }
      initialSettings(settings);
      // Netty's own limits, of some hundred resets in half a minute whatever the traffic, would end
      // busy connections of honest peers: Http2ServerConnection has one in proportion.
      decoderEnforceMaxRstFramesPerWindow(0, 0);
      gracefulShutdownTimeoutMillis(0);
      frameListener(new Http2FrameAdapter());
      FrameWriter frames = new FrameWriter();
      connection.remote().flowController(new RemoteFlowController(connection, frames));
      Http2ConnectionEncoder encoder =
          new ControlFrameLimit(new DefaultHttp2ConnectionEncoder(connection, frames));
      codec(
          new DefaultHttp2ConnectionDecoder(
              connection, encoder, new DefaultHttp2FrameReader(new HeadersDecoder(maxHeadBytes))),
          encoder);
      return build();
    }
  }

  public final Loop loop() {
    return loop;
  }

  final ChannelHandlerContext context() {
    return java.util.Objects.requireNonNull(context);
  }

  final StreamWriter writer() {
    return writer;
  }

  final boolean attached() {
    return context != null;
  }

  final @Nullable Http2StreamState state(Http2Stream stream) {
    return stream.getProperty(key);
  }

  final void attach(Http2Stream stream, Http2StreamState state) {
    stream.setProperty(key, state);
    state.attached(this, stream);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    super.handlerAdded(ctx);
    markDirty();
    begin(ctx);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) throws Exception {
    super.channelActive(ctx);
    begin(ctx);
  }

  /** Once, behind the preface and the settings. */
  private void begin(ChannelHandlerContext ctx) {
    if (begun || !ctx.channel().isActive()) {
      return;
    }
    begun = true;
    widen(ctx);
    options
        .keepAlive()
        .ifPresent(keepAliveOptions ->
            keepAlive =
                new KeepAlive(
                    loop,
                    keepAliveOptions,
                    () -> {
                      encoder().writePing(ctx, false, PING, ctx.newPromise());
                      flush(ctx);
                    },
                    ctx::close));
  }

  /**
   * The connection's window begins at 64 KiB whatever the settings say: one stream's body would
   * stop there for an answer, and each half of it be told of. As wide as a stream's it bounds as
   * much as before: it refills by itself.
   */
  private void widen(ChannelHandlerContext ctx) {
    Http2LocalFlowController windows = connection().local().flowController();
    Http2Stream whole = connection().connectionStream();
    int more = options.initialStreamWindow() - windows.windowSize(whole);
    try {
      if (more > 0) {
        windows.incrementWindowSize(whole, more);
        markDirty();
      }
    } catch (Http2Exception e) {
      onError(ctx, true, e);
    }
  }

  /** Netty's own errors it does not read behind either. */
  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (deaf) {
      in.skipBytes(in.readableBytes());
    } else {
      super.decode(ctx, in, out);
    }
  }

  /** Netty's would flush after each read; ours is at the end of the loop's turn. */
  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    discardSomeReadBytes();
    ctx.fireChannelReadComplete();
    markDirty();
  }

  /** Netty flushes before it closes: what was said in this turn goes with it. */
  @Override
  public void close(ChannelHandlerContext ctx, ChannelPromise promise) throws Exception {
    writer.writeOut();
    super.close(ctx, promise);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    super.channelInactive(ctx);
    if (keepAlive != null) {
      keepAlive.stop();
    }
    ended();
  }

  /** Without what a peer would send, windows above all, nothing can go on. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    super.userEventTriggered(ctx, event);
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.close();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    if (io.netty.handler.codec.http2.Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
      super.exceptionCaught(ctx, cause);
    } else {
      loop.incidents().reportUnlessIo("an HTTP/2 connection", cause);
      ctx.close();
    }
  }

  /**
   * What the peer did wrong on a stream is told to that stream first: then it is reset. What comes
   * behind a reset may be late, and is ignored.
   */
  @Override
  protected void onStreamError(
      ChannelHandlerContext ctx,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException error) {
    if (late(outbound, error)) {
      return;
    }
    Http2Stream stream = connection().stream(error.streamId());
    if (stream == null && !outbound) {
      book.reset(error.streamId());
    }
    Http2StreamState state = stream == null ? null : state(stream);
    if (state != null && !outbound) {
      state.fail(ResetReason.PROTOCOL_ERROR, protocolError(error));
    }
    super.onStreamError(ctx, outbound, cause, error);
  }

  /** A frame on a stream that we have reset: its peer had not heard of it. RFC 9113 5.1. */
  final boolean late(boolean outbound, Http2Exception.StreamException error) {
    return !outbound
        && connection().stream(error.streamId()) == null
        && book.wasReset(error.streamId());
  }

  /** What the peer did wrong on the connection ends all of its streams by that reason. */
  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx, boolean outbound, Throwable cause, Http2Exception error) {
    if (error == null) {
      loop.incidents().reportUnlessIo("an HTTP/2 connection", cause); // Netty's, or ours below it
    } else if (!outbound) {
      deaf = true;
      broken();
      try {
        connection()
            .forEachActiveStream(stream -> {
              Http2StreamState state = state(stream);
              if (state != null) {
                state.fail(ResetReason.PROTOCOL_ERROR, protocolError(error));
              }
              return true;
            });
      } catch (Http2Exception e) {
        ctx.close(); // as what follows would
      }
    }
    super.onConnectionError(ctx, outbound, cause, error);
  }

  private static String protocolError(Http2Exception error) {
    return "http2.protocol_error{" + error.error() + "}";
  }

  final void markDirty() {
    if (!dirty) {
      dirty = true;
      loop.dirty(this);
    }
  }

  @Override
  public final void flushNow() {
    try {
      turnEnds();
    } finally {
      dirty = false;
      if (context().channel().isActive()) {
        flush(context());
      }
    }
  }

  /** Bytes of {@code stream} have been dealt with: its window opens by as many. */
  final void consumed(Http2Stream stream, int bytes) {
    try {
      if (bytes > 0 && connection().local().flowController().consumeBytes(stream, bytes)) {
        markDirty();
      }
    } catch (Http2Exception e) {
      onError(context(), false, e);
    }
  }

  final void resetStream(Http2Stream stream, Http2Error error) {
    resetStream(context(), stream.id(), error.code(), context().newPromise());
    markDirty();
  }

  private void streamWritabilityChanged(Http2Stream stream) {
    Http2StreamState state = state(stream);
    if (state != null) {
      state.writabilityChanged(encoder().flowController().isWritable(stream));
    }
  }

  /** A mistake of ours ends the stream it happened to, not the connection. */
  private void incident(Http2Stream stream, Throwable mistake) {
    loop.incidents().report("an HTTP/2 stream", mistake);
    Http2StreamState state = state(stream);
    if (state != null) {
      state.fail(ResetReason.LOCAL_RESET, "internal_error");
    }
    resetStream(stream, Http2Error.INTERNAL_ERROR);
  }

  // ---- for the two sides

  /** A head or trailers have come on {@code stream}. */
  abstract void headersRead(Http2Stream stream, ReceivedFields fields, boolean end)
      throws Http2Exception;

  /**
   * The peer has reset a stream.
   *
   * @throws Http2Exception it has reset too many, which ends the connection
   */
  void givenUp(Http2StreamState state) throws Http2Exception {}

  /** The peer has broken the protocol: the connection takes nothing new. */
  void broken() {}

  /** The peer takes no further streams. */
  void goAwayRead() {}

  void settingsRead(Http2Settings settings) {}

  /** Whoever marked the connection may write now: it is flushed next. */
  void turnEnds() {}

  void streamOpened(Http2Stream stream) {}

  void streamClosed(Http2Stream stream) {}

  /** The connection is gone; its streams were told before. */
  abstract void ended();

  /** The peer has done nothing for {@code stream}, which has ended. */
  boolean unprocessed(Http2Stream stream) {
    return connection().goAwayReceived()
        && stream.id() > connection().local().lastStreamKnownByPeer();
  }

  private final class Closings extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream stream) {
      Http2StreamState state = state(stream);
      if (state != null) {
        state.closed(unprocessed(stream));
      }
      if (stream.isResetSent() && (state == null || !state.cutShort())) {
        book.reset(stream.id());
      }
      streamClosed(stream);
    }

    @Override
    public void onStreamAdded(Http2Stream stream) {
      streamOpened(stream);
    }
  }

  private final class Frames extends Http2FrameAdapter {
    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean end)
        throws Http2Exception {
      Http2Stream stream = connection().stream(streamId);
      if (stream == null) {
        return;
      }
      ReceivedFields fields = (ReceivedFields) headers;
      try {
        headersRead(stream, fields, end);
      } catch (RuntimeException | Error mistake) {
        incident(stream, mistake);
      } finally {
        fields.reset(); // an idle connection keeps nothing of its last head
      }
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int streamId,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end)
        throws Http2Exception {
      onHeadersRead(ctx, streamId, headers, padding, end);
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean end)
        throws Http2Exception {
      Http2Stream stream = connection().stream(streamId);
      Http2StreamState state = stream == null ? null : state(stream);
      int bytes = data.readableBytes() + padding;
      if (state == null) {
        return bytes;
      }
      try {
        return padding + state.dataRead(data, end);
      } catch (RuntimeException | Error mistake) {
        incident(stream, mistake);
        return bytes;
      }
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode)
        throws Http2Exception {
      Http2Stream stream = connection().stream(streamId);
      Http2StreamState state = stream == null ? null : state(stream);
      if (state != null) {
        givenUp(state);
        try {
          state.resetRead(errorCode);
        } catch (RuntimeException | Error mistake) {
          incident(stream, mistake);
        }
      }
    }

    @Override
    public void onGoAwayRead(
        ChannelHandlerContext ctx, int lastStreamId, long errorCode, ByteBuf debugData) {
      goAwayRead();
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
      if (keepAlive != null && data == PING) {
        keepAlive.answered();
      }
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
      settingsRead(settings);
    }
  }
}
