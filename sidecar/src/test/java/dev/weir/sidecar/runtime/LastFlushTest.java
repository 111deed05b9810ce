package dev.weir.sidecar.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.TestLoops;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LastFlushTest {
  /** More than the kernel takes on both sides. */
  private static final int MUCH = 32 << 20;

  private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

  private EventLoopGroup group;
  private ServerSocket server;
  private Channel channel;
  private Socket peer;

  @BeforeEach
  void connect() throws Exception {
    group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    channel =
        new Bootstrap()
            .group(group)
            .channel(NioSocketChannel.class)
            .handler(new ChannelInboundHandlerAdapter())
            .connect(server.getLocalSocketAddress())
            .sync()
            .channel();
    peer = server.accept();
  }

  @AfterEach
  void end() throws Exception {
    channel.close().sync();
    peer.close();
    server.close();
    group.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
  }

  private void writeAndClose(int bytes) throws Exception {
    channel
        .eventLoop()
        .submit(() -> {
          channel.write(Unpooled.wrappedBuffer(new byte[bytes]));
          LastFlush.close(TestLoops.of(0, channel.eventLoop()), channel, PATIENCE);
        })
        .sync();
  }

  @Test
  void peerThatTakesNothingIsCutOff() throws Exception {
    writeAndClose(MUCH);
    assertTrue(channel.closeFuture().await(10, TimeUnit.SECONDS));
  }

  @Test
  void peerThatReadsGetsAllOfItHoweverMuchItIs() throws Exception {
    writeAndClose(MUCH);
    assertEquals(MUCH, peer.getInputStream().readAllBytes().length);
    assertTrue(channel.closeFuture().await(10, TimeUnit.SECONDS));
  }
}
