package dev.weir.sidecar.listener;

import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.runtime.TurnReads;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerAdapter;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Gives each accepted connection to the loop with the fewest. Event loop of the listening socket.
 */
final class Acceptor extends ChannelInboundHandlerAdapter {
  /**
   * ServerBootstrap wants a child handler; the acceptor stands before its own and lets nothing
   * through.
   */
  @Sharable
  static final class Never extends ChannelHandlerAdapter {}

  private final LiveListener listener;
  private final Loops loops;
  private final ConnectionFactory connections;

  /** Whose thread the listening socket is on. */
  private final Loop own;

  Acceptor(LiveListener listener, Loop own, Loops loops, ConnectionFactory connections) {
    this.listener = listener;
    this.own = own;
    this.loops = loops;
    this.connections = connections;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    Channel child = (Channel) message;
    try {
      take(child);
    } catch (Throwable mistake) {
      child.unsafe().closeForcibly(); // nobody else knows of it
      throw mistake;
    }
  }

  private void take(Channel child) {
    Loop loop = loops.leastLoaded();
    loops.buffers().join(child, listener.config().perConnectionBufferLimit());
    child.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    TurnReads.install(child, loop.clock());
    child.pipeline().addLast(new ConnectionSetup(listener, loop, connections));
    loop.countConnection(1);
    loop.eventLoop()
        .register(child)
        .addListener(registered -> {
          if (!registered.isSuccess()) {
            child.unsafe().closeForcibly();
          }
        });
    child.closeFuture().addListener(closed -> loop.countConnection(-1));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      own.incidents().report("a listener", cause);
      return; // it was one connection's
    }
    // accept() failed, out of descriptors most likely: the socket stays, and is asked again soon.
    connections.slab(own).inc(listener.acceptFailed);
    String what =
        "listener "
            + listener.config().name()
            + ": a connection cannot be accepted: "
            + cause.getMessage();
    connections
        .failures()
        .tell(
            what,
            () -> what + "; what comes waits, and it is tried again 10 times a second",
            times -> what + "; " + times + " times more");
    ctx.channel().config().setAutoRead(false);
    ctx.channel()
        .eventLoop()
        .schedule(() -> ctx.channel().config().setAutoRead(true), 100, TimeUnit.MILLISECONDS);
  }
}
