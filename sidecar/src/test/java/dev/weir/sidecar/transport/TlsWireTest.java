package dev.weir.sidecar.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.runtime.Loops;
import dev.weir.sidecar.stats.Stats;
import dev.weir.sidecar.testkit.TestLoops;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is told to who writes through TLS, to a peer that takes nothing. */
class TlsWireTest {
  private static final int HIGH = 64 << 10;

  @Test
  void whoWritesTooMuchIsToldWithinTheWrite() throws Exception {
    Loops loops = TestLoops.of(1);
    Loop loop = loops.get(0);
    Channel channel = new NioSocketChannel(); // it is not connected, and so takes nothing
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(HIGH / 2, HIGH));
    SslHandler tls = SslContextBuilder.forClient().build().newHandler(channel.alloc());
    TlsWire wire = wire(loop, tls);
    List<Boolean> told = new ArrayList<>();
    List<List<Boolean>> after = new ArrayList<>();
    loop.eventLoop().register(channel).sync();
    loop.eventLoop()
        .submit(() -> {
          channel.pipeline().addLast(tls, wire, new Told(told));
          for (int size : List.of(HIGH, 1, 1)) {
            channel.write(Unpooled.wrappedBuffer(new byte[size]));
            after.add(List.copyOf(told));
          }
          return channel;
        })
        .sync();
    assertEquals(List.of(List.of(), List.of(false), List.of(false)), after);
    channel.close().sync();
    loops.close();
  }

  private static final class Told extends ChannelInboundHandlerAdapter {
    private final List<Boolean> writable;

    Told(List<Boolean> writable) {
      this.writable = writable;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
      writable.add(ctx.channel().isWritable());
    }
  }

  private static TlsWire wire(Loop loop, SslHandler tls) {
    Stats stats = new Stats(1);
    TransportSocket.Attachment attachment =
        new TransportSocket.Attachment(
            loop,
            stats.slab(0),
            TlsStats.NOWHERE,
            Duration.ofSeconds(10).toNanos(),
            List.of(),
            false,
            null);
    TlsEngines engines =
        new TlsEngines(
            TlsProvider.JDK,
            _ -> SslContextBuilder.forClient(),
            List.of(),
            false,
            false,
            new TrustDomains(Set.of()),
            Optional.empty());
    return new TlsWire(
        tls,
        attachment,
        engines,
        new HandshakeSteps(Runnable::run, null, "peer"),
        new TransportSocket.Outcome() {
          @Override
          public void ready(String protocol) {}

          @Override
          public void failed(boolean timeout, String reason) {}
        });
  }
}
