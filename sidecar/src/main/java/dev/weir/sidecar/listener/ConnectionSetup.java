package dev.weir.sidecar.listener;

import dev.weir.sidecar.config.HttpConnectionManager;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatSlab;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;

/** A new connection's first handler: finds its chain and gives its place to the chain's codec. */
final class ConnectionSetup extends ChannelInboundHandlerAdapter {
  private final LiveListener listener;
  private final Loop loop;
  private final ConnectionFactory connections;

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
    LiveChain chain =
        listener
            .matcher()
            .find(
                new ChainMatcher.Facts(
                    channel.localAddress(), channel.remoteAddress(), "", "raw_buffer", List.of()));
    if (chain == null || !(chain.compiled().filter() instanceof HttpConnectionManager)) {
      slab.inc(listener.noChain);
      channel.close();
      return;
    }
    ChannelHandler codec = connections.http1(chain, loop, listener.config().direction());
    ctx.pipeline().replace(this, "codec", codec);
    ctx.fireChannelRegistered();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
