package dev.weir.sidecar.http.h2;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.DecoratingHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2LifecycleManager;
import org.jspecify.annotations.Nullable;

/**
 * A peer that makes us answer (PING, SETTINGS, streams to reset) and does not read the answers is
 * told ENHANCE_YOUR_CALM and goes: CVE-2019-9512, -9514, -9515. As Netty's {@code
 * Http2ControlFrameLimitEncoder}, which only Netty's own builder can place.
 */
final class ControlFrameLimit extends DecoratingHttp2ConnectionEncoder {
  /**
   * Envoy's {@code max_outbound_control_frames}. Each is some half a kilobyte while it waits;
   * Netty's 10,000 are a quarter of a gigabyte on fifty connections.
   */
  static final int MOST = 1000;

  private @Nullable Http2LifecycleManager lifecycle;
  private int outstanding;
  private boolean reached;
  private final ChannelFutureListener taken = written -> outstanding--;

  ControlFrameLimit(Http2ConnectionEncoder encoder) {
    super(encoder);
  }

  @Override
  public void lifecycleManager(Http2LifecycleManager manager) {
    lifecycle = manager;
    super.lifecycleManager(manager);
  }

  @Override
  public ChannelFuture writeSettingsAck(ChannelHandlerContext ctx, ChannelPromise promise) {
    return super.writeSettingsAck(ctx, counted(ctx, promise));
  }

  /** Those that we ask of our own accord are not counted. */
  @Override
  public ChannelFuture writePing(
      ChannelHandlerContext ctx, boolean ack, long data, ChannelPromise promise) {
    return super.writePing(ctx, ack, data, ack ? counted(ctx, promise) : promise);
  }

  @Override
  public ChannelFuture writeRstStream(
      ChannelHandlerContext ctx, int streamId, long errorCode, ChannelPromise promise) {
    return super.writeRstStream(ctx, streamId, errorCode, counted(ctx, promise));
  }

  private ChannelPromise counted(ChannelHandlerContext ctx, ChannelPromise promise) {
    if (reached) {
      return promise;
    }
    if (outstanding == MOST) {
      ctx.flush(); // the peer may have begun to read
    }
    if (outstanding == MOST) {
      reached = true;
      java.util.Objects.requireNonNull(lifecycle)
          .onError(
              ctx,
              true,
              Http2Exception.connectionError(
                  Http2Error.ENHANCE_YOUR_CALM, "%d control frames that it does not read", MOST));
      ctx.close();
    }
    outstanding++;
    return promise.unvoid().addListener(taken);
  }
}
