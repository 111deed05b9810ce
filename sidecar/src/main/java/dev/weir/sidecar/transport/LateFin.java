package dev.weir.sidecar.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/**
 * Stands before Netty's TLS handler and keeps a FIN for as long as a step of the handshake is under
 * way: that handler drops what it has not decoded when it hears of one, and a client may say all it
 * has to say, and that it ends, while its certificate is looked at. Event loop of the channel.
 */
final class LateFin extends ChannelInboundHandlerAdapter {
  private final HandshakeTasks tasks;
  private boolean kept;

  LateFin(HandshakeTasks tasks) {
    this.tasks = tasks;
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      kept = true;
      Runnable pass = () -> pass(ctx);
      tasks.afterEach(() -> ctx.executor().execute(pass));
      ctx.executor().execute(pass); // behind what a step that has just ended has left to do
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void pass(ChannelHandlerContext ctx) {
    if (kept && !tasks.underWay()) {
      kept = false;
      ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
  }
}
