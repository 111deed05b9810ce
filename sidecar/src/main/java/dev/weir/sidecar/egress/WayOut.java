package dev.weir.sidecar.egress;

import dev.weir.sidecar.runtime.LazyTimer;
import dev.weir.sidecar.runtime.Loop;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes sockets of another network at its door, if there is one. Any event loop of epoll. */
public final class WayOut {
  private static final int LONGEST_MILLIS = 5000;

  private static final String CLOSED = "this member is isolated";

  /** So many addresses that cannot be reached are said, once each. */
  private static final int MOST_SAID = 256;

  /** How it went. One of the two is called, once, on the event loop. */
  public interface Outcome {
    /** {@code socket} is the callee's, to be made a channel's by {@link #channel} or closed. */
    void taken(FileDescriptor socket);

    void failed(String reason);
  }

  private final Egress egress;
  private final Consumer<String> say;
  private final Set<SocketAddress> said = ConcurrentHashMap.newKeySet();

  /**
   * @param say takes a line for people, on any thread, and does not wait
   */
  public WayOut(Egress egress, Consumer<String> say) {
    this.egress = egress;
    this.say = say;
    Descriptor.load();
  }

  public boolean leadsTo(SocketAddress to) {
    return egress.leadsTo(to);
  }

  /** Takes one. */
  public void take(Loop loop, Outcome outcome) {
    if (egress.door().isEmpty()) {
      outcome.failed(CLOSED);
      return;
    }
    Asking asking = new Asking(loop, outcome);
    new Bootstrap()
        .group(loop.eventLoop())
        .channel(EpollDomainSocketChannel.class)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, LONGEST_MILLIS)
        .option(EpollChannelOption.DOMAIN_SOCKET_READ_MODE, DomainSocketReadMode.FILE_DESCRIPTORS)
        .handler(asking)
        .connect(new DomainSocketAddress(egress.door().get().toFile()))
        .addListener(opened -> {
          if (!opened.isSuccess()) {
            asking.fail();
          }
        });
  }

  /**
   * A channel of that socket, as if it had made it itself.
   *
   * @throws IOException if this process may not have more descriptors
   */
  public static Channel channel(FileDescriptor socket) throws IOException {
    EpollSocketChannel channel = new EpollSocketChannel(SocketProtocolFamily.INET);
    try {
      Descriptor.replace(channel.fd().intValue(), socket.intValue());
    } catch (IOException e) {
      channel.unsafe().closeForcibly();
      throw e;
    } finally {
      socket.close();
    }
    return channel;
  }

  /** A connection by this could not be made; people are told once for each address. */
  public void unreachable(SocketAddress to, String reason) {
    if (said.size() < MOST_SAID && said.add(to) && to instanceof InetSocketAddress inet) {
      say.accept(
          inet.getAddress().getHostAddress()
              + ":"
              + inet.getPort()
              + ", outside of the mesh"
              + (egress.door().isEmpty() ? "; " : ", cannot be reached: ")
              + reason);
    }
  }

  private static final class Asking extends ChannelInboundHandlerAdapter {
    private final Outcome outcome;
    private final LazyTimer timer;
    private final long until;
    private @Nullable Channel channel;
    private boolean over;

    Asking(Loop loop, Outcome outcome) {
      this.outcome = outcome;
      this.timer = new LazyTimer(loop, this::fail);
      this.until = loop.nanoTime() + LONGEST_MILLIS * 1_000_000L;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      channel = ctx.channel();
      timer.set(until);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws IOException {
      FileDescriptor socket = (FileDescriptor) message;
      if (over) {
        socket.close();
        return;
      }
      end();
      outcome.taken(socket);
    }

    private void end() {
      over = true;
      timer.cancel();
      Channel door = channel;
      if (door != null) {
        door.close();
      }
    }

    void fail() {
      if (!over) {
        end();
        outcome.failed("the way out of the mesh is gone");
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      fail();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      fail();
    }
  }
}
