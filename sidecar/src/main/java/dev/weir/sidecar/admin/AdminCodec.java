package dev.weir.sidecar.admin;

import dev.weir.sidecar.detect.Detection;
import dev.weir.sidecar.detect.Detector;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether a client begins with the preface of HTTP/2, as Envoy's admin does ({@code
 * codec_type: AUTO}), and gives the connection to the codec that it asks for. Event loop of the
 * connection.
 */
final class AdminCodec extends ChannelInboundHandlerAdapter {
  private final Loop loop;
  private final Patience patience;
  private final Function<Detection, ChannelHandler> codecs;
  private @Nullable ByteBuf bytes;
  private @Nullable LazyTimer timer;

  /**
   * @param codecs of HTTP1 and of HTTP2
   */
  AdminCodec(Loop loop, Patience patience, Function<Detection, ChannelHandler> codecs) {
    this.loop = loop;
    this.patience = patience;
    this.codecs = codecs;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    timer = new LazyTimer(loop, ctx::close);
    timer.set(loop.nanoTime() + patience.idle().toNanos());
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf more = (ByteBuf) message;
    ByteBuf all = bytes;
    if (all == null) {
      all = more;
      bytes = more;
      if (timer != null) {
        timer.set(loop.nanoTime() + patience.begun().toNanos());
      }
    } else {
      all.writeBytes(more);
      more.release();
    }
    Detection detection = Detector.http(all);
    if (detection != Detection.NEED_MORE) {
      bytes = null;
      ctx.pipeline().addAfter(ctx.name(), null, codecs.apply(detection));
      ctx.fireChannelRead(all);
      ctx.pipeline().remove(this);
    }
  }

  /** A beginning of the preface that no end follows. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      ctx.close();
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (timer != null) {
      timer.cancel();
    }
    if (bytes != null) {
      bytes.release();
      bytes = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    loop.incidents().reportUnlessIo("an admin connection", cause);
    ctx.close();
  }
}
