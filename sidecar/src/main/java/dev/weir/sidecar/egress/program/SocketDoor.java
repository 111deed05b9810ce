package dev.weir.sidecar.egress.program;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Whoever connects to it is given a new TCP socket of this network, for IPv4, and the connection
 * ends. An event loop of its own.
 */
final class SocketDoor implements AutoCloseable {
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1, Thread.ofPlatform().name("door").daemon().factory(), EpollIoHandler.newFactory());

  private @Nullable Channel listening;

  private SocketDoor() {}

  /** Until it is closed; a file that is there already is one that nobody listens at. */
  static SocketDoor open(Path file) throws IOException {
    Files.deleteIfExists(file);
    SocketDoor door = new SocketDoor();
    ChannelFuture bound =
        new ServerBootstrap()
            .group(door.group)
            .channel(EpollServerDomainSocketChannel.class)
            .childHandler(new Giving())
            .bind(new DomainSocketAddress(file.toFile()))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      door.close();
      throw new IOException(file + " cannot be listened at: " + bound.cause().getMessage());
    }
    door.listening = bound.channel();
    return door;
  }

  /** Nothing more is given; what was stays. */
  @Override
  public void close() {
    Channel open = listening;
    if (open != null) {
      open.close().awaitUninterruptibly(); // a group that ends may leave it open
    }
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  @ChannelHandler.Sharable
  private static final class Giving extends ChannelInboundHandlerAdapter {
    /** What is given is another's as well when it is closed here. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      EpollSocketChannel socket = new EpollSocketChannel(SocketProtocolFamily.INET);
      ctx.writeAndFlush(socket.fd())
          .addListener(written -> socket.unsafe().closeForcibly())
          .addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close(); // who asked has gone, or no socket is to be had: its end tells the other
    }
  }
}
