package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.HttpConnectionManager;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatSlab;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A new connection's first handler: finds its chain, looks at the first bytes where that is asked
 * for, and gives its place to the codec.
 */
final class ConnectionSetup extends ChannelInboundHandlerAdapter {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final LiveListener listener;
  private final Loop loop;
  private final ConnectionFactory connections;
  private @Nullable LiveChain chain;
  private @Nullable ByteBuf first;
  private @Nullable LazyTimer silence;

  ConnectionSetup(LiveListener listener, Loop loop, ConnectionFactory connections) {
    this.listener = listener;
    this.loop = loop;
    this.connections = connections;
  }

  @Override
  public void channelRegistered(ChannelHandlerContext ctx) {
    Channel channel = ctx.channel();
    StatSlab slab = connections.slab(loop);
    slab.inc(listener.cxTotal);
    slab.inc(listener.cxActive);
    channel.closeFuture().addListener(closed -> slab.dec(listener.cxActive));
    LiveChain found =
        listener
            .matcher()
            .find(
                new ChainMatcher.Facts(
                    channel.localAddress(), channel.remoteAddress(), "", "raw_buffer", List.of()));
    if (found == null || !(found.compiled().filter() instanceof HttpConnectionManager manager)) {
      slab.inc(listener.noChain);
      channel.close();
      return;
    }
    chain = found;
    switch (manager.codec()) {
      case HTTP1 -> become(ctx, Protocol.HTTP1);
      case HTTP2 -> become(ctx, Protocol.HTTP2);
      case AUTO -> {
        // The first bytes tell; a connection that never says a word ends like an idle one.
        long idle = manager.timeouts().idle().toNanos();
        silence = new LazyTimer(loop.eventLoop(), channel::close);
        silence.set(idle > 0 ? System.nanoTime() + idle : LazyTimer.NEVER);
      }
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf in = (ByteBuf) message;
    ByteBuf before = first;
    ByteBuf all =
        before == null
            ? in
            : ctx.alloc().compositeBuffer(2).addComponent(true, before).addComponent(true, in);
    first = all;
    int compare = Math.min(PREFACE.length, all.readableBytes());
    for (int i = 0; i < compare; i++) {
      if (all.getByte(all.readerIndex() + i) != PREFACE[i]) {
        become(ctx, Protocol.HTTP1);
        return;
      }
    }
    if (compare == PREFACE.length) {
      become(ctx, Protocol.HTTP2);
    }
  }

  private void become(ChannelHandlerContext ctx, Protocol protocol) {
    LiveChain found = java.util.Objects.requireNonNull(chain);
    ByteBuf read = first;
    first = null;
    ctx.pipeline()
        .replace(
            this, "codec", connections.codec(found, loop, listener.config().direction(), protocol));
    if (read != null) {
      ctx.pipeline().fireChannelRead(read);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    release();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    release();
  }

  private void release() {
    if (silence != null) {
      silence.cancel();
    }
    ByteBuf read = first;
    if (read != null) {
      first = null;
      read.release();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
