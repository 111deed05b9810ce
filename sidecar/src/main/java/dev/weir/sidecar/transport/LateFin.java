package dev.weir.sidecar.transport;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Stands before Netty's TLS handler and keeps a FIN for as long as a step of the handshake is under
 * way: that handler drops what it has not decoded when it hears of one, and a client may say all it
 * has to say, and that it ends, while its certificate is looked at.
 *
 * <p>It hands the steps on, and a step is under way until the event loop has gone on with what came
 * of it: the handler leaves that to the loop before the step ends here, and a further step that
 * follows from it is counted before this one is over. Event loop of the channel.
 */
final class LateFin extends ChannelInboundHandlerAdapter implements Executor {
  private final Executor tasks;
  private final Executor loop;
  private int underWay;

  /** Whom to tell of the FIN that is kept; null for none. */
  private @Nullable ChannelHandlerContext kept;

  /**
   * @param tasks does the steps
   * @param loop the channel's
   */
  LateFin(Executor tasks, Executor loop) {
    this.tasks = tasks;
    this.loop = loop;
  }

  @Override
  public void execute(Runnable step) {
    tasks.execute(() -> {
      try {
        step.run();
      } finally {
        later(this::ended);
      }
    });
    underWay++;
  }

  private void later(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      // The loop has ended, and its channels with it.
    }
  }

  private void ended() {
    underWay--;
    ChannelHandlerContext told = kept;
    if (told != null && underWay == 0) {
      kept = null;
      told.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE && underWay > 0) {
      kept = ctx;
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }
}
