package dev.weir.control.server.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * Lets only so many TLS handshakes go on at once; of the others who said hello last is next,
 * because who has waited longest is about to give up (after 10 s in grpc-java), and comes again. If
 * ten thousand clients come back at once and all handshakes went on side by side, or in the order
 * in which they came, none would end in time, and neither would those of the next ten thousand. Who
 * connects and says nothing takes nobody's turn. Before a server's acceptor; any thread.
 */
@ChannelHandler.Sharable
public final class Handshakes extends ChannelInboundHandlerAdapter {
  /** A hello is one record at most, and nothing may follow it unasked. */
  private static final int MOST_BYTES = 32 << 10;

  /** One takes some 2 ms of a processor, and two round trips. */
  private static final int AT_ONCE = 128;

  private final int most;
  private final SequencedSet<Turn> waiting = new LinkedHashSet<>();
  private int going;

  /** A server's channels that let so many go on at once as keep its processors busy. */
  public static ChannelFactory<ServerChannel> inTurn(
      ChannelFactory<? extends ServerChannel> channels) {
    return () -> {
      ServerChannel channel = channels.newChannel();
      channel.pipeline().addFirst(new Handshakes(AT_ONCE));
      return channel;
    };
  }

  /**
   * @param most how many go on at once
   */
  Handshakes(int most) {
    this.most = most;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof Channel accepted) {
      accepted.pipeline().addFirst(new Turn());
    }
    context.fireChannelRead(message);
  }

  synchronized int waiting() {
    return waiting.size();
  }

  private synchronized boolean begins(Turn turn) {
    if (going < most) {
      going++;
      return true;
    }
    waiting.add(turn);
    return false;
  }

  /** One has ended; returns whose turn it is, who has begun by that. */
  private synchronized @Nullable Turn ends() {
    if (waiting.isEmpty()) {
      going--;
      return null;
    }
    return waiting.removeLast();
  }

  private synchronized void leaves(Turn turn) {
    waiting.remove(turn);
  }

  private void ended() {
    Turn next = ends();
    if (next != null) {
      next.itIs();
    }
  }

  /** Of one connection, on whose loop it is. It leaves the pipeline when it has come. */
  private final class Turn extends ChannelInboundHandlerAdapter {
    private final List<ByteBuf> held = new ArrayList<>();
    private @Nullable ChannelHandlerContext context;
    private int bytes;
    private boolean asked;
    private boolean over;

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
      context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      held.add((ByteBuf) message);
      bytes += ((ByteBuf) message).readableBytes();
      if (!asked) {
        asked = true;
        if (begins(this)) {
          goOn(context);
        }
      } else if (bytes > MOST_BYTES) {
        context.close();
      }
    }

    /** Any thread. */
    void itIs() {
      ChannelHandlerContext own = Objects.requireNonNull(context);
      own.executor()
          .execute(() -> {
            if (over) {
              ended();
            } else {
              goOn(own);
              own.fireChannelReadComplete();
            }
          });
    }

    private void goOn(ChannelHandlerContext context) {
      over = true;
      context.pipeline().get(SslHandler.class).handshakeFuture().addListener(_ -> ended());
      context.pipeline().remove(this);
      held.forEach(context::fireChannelRead);
      held.clear();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      over = true;
      leaves(this);
      held.forEach(ByteBuf::release);
      held.clear();
      context.fireChannelInactive();
    }
  }
}
