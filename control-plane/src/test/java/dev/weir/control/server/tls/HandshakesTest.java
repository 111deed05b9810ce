package dev.weir.control.server.tls;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.testkit.Await;
import dev.weir.testkit.TestCa;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that lets one go on at a time, over real sockets. */
@Tag("tls")
class HandshakesTest {
  private static final int PATIENCE = 10_000;

  @TempDir Path folder;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final Handshakes handshakes = new Handshakes(1);
  private TestCa ca;
  private InetSocketAddress address;

  @SuppressWarnings("NullAway.Init")
  HandshakesTest() {}

  @BeforeEach
  void start() throws Exception {
    ca = TestCa.create(folder, "root");
    TestCa.Issued own = ca.issue("127.0.0.1");
    SslContext tls =
        SslContextBuilder.forServer(own.chain().toFile(), own.key().toFile())
            .sslProvider(
                switch (TlsProvider.standard()) {
                  case BORINGSSL -> SslProvider.OPENSSL;
                  case JDK -> SslProvider.JDK;
                })
            .build();
    Channel server =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(() -> {
              NioServerSocketChannel channel = new NioServerSocketChannel();
              channel.pipeline().addFirst(handshakes);
              return channel;
            })
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(tls.newHandler(channel.alloc()));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .sync()
            .channel();
    address = (InetSocketAddress) server.localAddress();
  }

  @AfterEach
  void end() {
    loops.shutdownGracefully();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(PATIENCE);
    return socket;
  }

  /** Says hello, and nothing after that. */
  private Socket hello() throws IOException {
    SSLEngine engine = ca.context().createSSLEngine();
    engine.setUseClientMode(true);
    ByteBuffer hello = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), hello);
    Socket socket = connect();
    socket.getOutputStream().write(hello.array(), 0, hello.position());
    return socket;
  }

  /** One that has begun and does not end. */
  private Socket stalled() throws IOException {
    Socket socket = hello();
    assertAnswered(socket);
    return socket;
  }

  private static void assertAnswered(Socket socket) throws IOException {
    assertTrue(socket.getInputStream().read() >= 0);
  }

  private void awaitWaiting(int count) {
    Await.until(() -> handshakes.waiting() == count, () -> handshakes.waiting() + " wait");
  }

  @Test
  void whoCameLastBeginsWhenOneHasEnded() throws IOException {
    try (Socket first = stalled();
        Socket second = hello()) {
      awaitWaiting(1);
      try (Socket third = hello()) {
        awaitWaiting(2);
        first.close();
        assertAnswered(third);
        assertEquals(1, handshakes.waiting());
        third.close();
        assertAnswered(second);
      }
    }
    try (SSLSocket whole =
        (SSLSocket) ca.context().getSocketFactory().createSocket(connect(), "127.0.0.1", 0, true)) {
      whole.startHandshake();
    }
  }

  @Test
  void whoLeavesWhileItWaitsTakesNoTurn() throws IOException {
    try (Socket first = stalled();
        Socket second = hello()) {
      awaitWaiting(1);
      try (Socket third = hello()) {
        awaitWaiting(2);
        second.close();
        awaitWaiting(1);
        first.close();
        assertAnswered(third);
      }
    }
  }

  @Test
  void whoSaysNothingTakesNoTurn() throws IOException {
    try (Socket silent = connect();
        Socket other = hello()) {
      assertAnswered(other);
      assertEquals(0, silent.getInputStream().available());
    }
  }

  @Test
  void whoSaysTooMuchWhileItWaitsIsClosed() throws IOException {
    try (Socket _ = stalled();
        Socket second = hello()) {
      awaitWaiting(1);
      try {
        second.getOutputStream().write(new byte[64 << 10]);
        assertEquals(-1, second.getInputStream().read());
      } catch (IOException reset) {
        // It is closed with what it said unread.
      }
      awaitWaiting(0);
    }
  }
}
