package dev.weir.sidecar.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.testkit.ClosedPort;
import dev.weir.testkit.TestUpstream;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How one connection is made, and what is said of one that cannot be. */
class ConnectorTest {
  private static final String KEEPALIVE = "upstream_connection_options: {tcp_keepalive: {%s}}";

  @TempDir Path folder;

  /** What the outcome said: a channel, or the reason of its failure. */
  private static final class Made implements Connector.Outcome {
    private final CompletableFuture<Channel> channel = new CompletableFuture<>();
    private final CompletableFuture<String> failure = new CompletableFuture<>();

    Channel channel() throws Exception {
      return channel.get(5, TimeUnit.SECONDS);
    }

    String failure() throws Exception {
      return failure.get(5, TimeUnit.SECONDS);
    }

    @Override
    public void connected(Channel made) {
      channel.complete(made);
    }

    @Override
    public void failed(boolean timeout, String reason) {
      failure.complete((timeout ? "timeout: " : "") + reason);
      channel.completeExceptionally(new AssertionError(reason));
    }
  }

  /** Of the connection, that it may be as broken as it likes. */
  private static final class Handler extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  private static String pipe(Path path) {
    return "pipe: {path: " + path + "}";
  }

  private static Made connect(PoolFixture pools, Connector.@Nullable Transport transport) {
    Made made = new Made();
    pools.onLoop(() ->
        pools
            .connector()
            .connect(pools.loop(), pools.cluster(), pools.host(), transport, new Handler(), made));
    return made;
  }

  private static Channel connect(PoolFixture pools) throws Exception {
    return connect(pools, null).channel();
  }

  @Test
  void connectionHoldsNoMoreThanItsClusterAllowsAndSendsAtOnce() throws Exception {
    try (TestUpstream app = TestUpstream.replying("");
        PoolFixture pools = PoolFixture.to(app.port(), "per_connection_buffer_limit_bytes: 1000")) {
      Channel channel = connect(pools);
      assertEquals(1000, channel.config().getWriteBufferHighWaterMark());
      assertEquals(true, channel.config().getOption(ChannelOption.TCP_NODELAY));
      assertEquals(false, channel.config().getOption(ChannelOption.SO_KEEPALIVE));
    }
  }

  @Test
  void keepaliveIsAsConfigured() throws Exception {
    String all = "keepalive_probes: 3, keepalive_time: 40, keepalive_interval: 5";
    try (TestUpstream app = TestUpstream.replying("");
        PoolFixture pools = PoolFixture.to(app.port(), KEEPALIVE.formatted(all))) {
      Channel channel = connect(pools);
      assertEquals(true, channel.config().getOption(ChannelOption.SO_KEEPALIVE));
      assertEquals(3, channel.config().getOption(EpollChannelOption.TCP_KEEPCNT));
      assertEquals(40, channel.config().getOption(EpollChannelOption.TCP_KEEPIDLE));
      assertEquals(5, channel.config().getOption(EpollChannelOption.TCP_KEEPINTVL));
    }
  }

  @Test
  void ofKeepaliveTheSystemSaysWhatTheConfigurationDoesNot() throws Exception {
    try (TestUpstream app = TestUpstream.replying("");
        PoolFixture plain = PoolFixture.to(app.port());
        PoolFixture pools = PoolFixture.to(app.port(), KEEPALIVE.formatted(""))) {
      Channel channel = connect(pools);
      assertEquals(true, channel.config().getOption(ChannelOption.SO_KEEPALIVE));
      Channel other = connect(plain);
      for (ChannelOption<Integer> option :
          List.of(
              EpollChannelOption.TCP_KEEPCNT,
              EpollChannelOption.TCP_KEEPIDLE,
              EpollChannelOption.TCP_KEEPINTVL)) {
        assertEquals(other.config().getOption(option), channel.config().getOption(option));
      }
    }
  }

  @Test
  void connectionComesFromTheAddressThatItsClusterBindsTo() throws Exception {
    String source = "upstream_bind_config: {source_address: {address: 127.0.0.2, port_value: 0}}";
    try (ServerSocket app = new ServerSocket(0, 4, InetAddress.getLoopbackAddress());
        PoolFixture pools = PoolFixture.to(app.getLocalPort(), source)) {
      connect(pools);
      try (Socket accepted = app.accept()) {
        assertEquals(InetAddress.ofLiteral("127.0.0.2"), accepted.getInetAddress());
      }
    }
  }

  @Test
  void hostMayBeAUnixDomainSocket() throws Exception {
    Path path = folder.resolve("app");
    try (ServerSocketChannel app = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      app.bind(UnixDomainSocketAddress.of(path));
      try (PoolFixture pools = PoolFixture.at(pipe(path))) {
        connect(pools);
        try (SocketChannel accepted = app.accept()) {
          assertTrue(accepted.isConnected());
        }
      }
    }
  }

  @Test
  void failureHasTheWordOfItsCause() throws Exception {
    try (ClosedPort closed = new ClosedPort();
        PoolFixture pools = PoolFixture.to(closed.port())) {
      assertEquals("connection_refused", connect(pools, null).failure());
    }
    String broadcast = "socket_address: {address: 127.255.255.255, port_value: 9}";
    try (PoolFixture pools = PoolFixture.at(broadcast)) {
      assertEquals("destination_unreachable", connect(pools, null).failure());
    }
    try (PoolFixture pools = PoolFixture.at(pipe(folder.resolve("none")))) {
      assertEquals("no_such_file", connect(pools, null).failure());
    }
  }

  @Test
  void failureWithoutAWordIsSaidInThoseOfTheSystem() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    try (PoolFixture pools = PoolFixture.at(pipe(file.resolve("below")))) {
      String reason = connect(pools, null).failure();
      assertTrue(reason.contains("Not a directory"), reason);
    }
  }

  @Test
  void connectionThatTakesTooLongIsGivenUp() throws Exception {
    try (ServerSocket busy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket first = new Socket();
        Socket second = new Socket();
        PoolFixture pools = PoolFixture.to(busy.getLocalPort(), "connect_timeout: 0.1s")) {
      for (Socket each : List.of(first, second)) { // all that the system takes for who accepts none
        each.connect(new InetSocketAddress(busy.getInetAddress(), busy.getLocalPort()));
      }
      assertEquals("timeout: connection_timeout", connect(pools, null).failure());
    }
  }

  @Test
  void handshakeThatTakesTooLongIsGivenUp() throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools =
            PoolFixture.to(app.port(), "connect_timeout: 0.1s", PoolFixture.tls(""))) {
      Made made = connect(pools, pools.transport());
      app.accept();
      assertTrue(made.failure().startsWith("timeout: "), made.failure());
    }
  }

  @Test
  void whoAsksForPlainBytesGetsThemWhateverTheClusterHas() throws Exception {
    try (TestUpstream app = TestUpstream.replying("");
        PoolFixture pools = PoolFixture.to(app.port(), PoolFixture.tls(""))) {
      assertTrue(connect(pools).isActive());
    }
  }

  @Test
  void withTlsTheConnectionIsMadeOnceTheHandshakeIsDone() throws Exception {
    try (HandshakeServer app = new HandshakeServer(folder);
        PoolFixture pools = PoolFixture.to(app.port(), PoolFixture.tls("alpn_protocols: [odd]"))) {
      Made made = connect(pools, pools.transport());
      HandshakeServer.Attempt attempt = app.accept();
      attempt.agree("odd");
      assertEquals(List.of("odd"), attempt.offered());
      assertTrue(made.channel().isActive());
    }
  }
}
