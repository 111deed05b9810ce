package dev.weir.sidecar.http.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ControlFrameLimitTest {
  private static final int LIMIT = ControlFrameLimit.MOST;

  /** A socket whose peer takes only what the test lets it take. */
  private static final class Unread extends ChannelOutboundHandlerAdapter {
    private final Queue<ChannelPromise> waiting = new ArrayDeque<>();

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
      ReferenceCountUtil.release(msg);
      waiting.add(promise);
    }

    void take(int frames) {
      for (int i = 0; i < frames; i++) {
        waiting.remove().setSuccess();
      }
    }

    void takeAll() {
      while (!waiting.isEmpty()) {
        take(1);
      }
    }
  }

  private final Unread socket = new Unread();
  private final DefaultHttp2Connection connection = new DefaultHttp2Connection(true);
  private final ControlFrameLimit encoder =
      new ControlFrameLimit(new DefaultHttp2ConnectionEncoder(connection, new FrameWriter()));
  private final Http2ConnectionHandler handler =
      new Http2ConnectionHandlerBuilder()
          .codec(
              new DefaultHttp2ConnectionDecoder(connection, encoder, new DefaultHttp2FrameReader()),
              encoder)
          .frameListener(new Http2FrameAdapter())
          .gracefulShutdownTimeoutMillis(0)
          .build();
  private final EmbeddedChannel channel = new EmbeddedChannel(socket, handler);
  private final ChannelHandlerContext ctx = channel.pipeline().context(handler);

  @AfterEach
  void close() {
    socket.takeAll(); // what GOAWAY carries is released then
    channel.finishAndReleaseAll();
  }

  private void ping(int times, boolean ack) {
    for (int i = 0; i < times; i++) {
      encoder.writePing(ctx, ack, i, ctx.newPromise());
    }
  }

  @Test
  void peerThatDoesNotReadWhatItAsksForGoes() {
    ping(LIMIT, true);
    assertFalse(connection.goAwaySent());
    ping(1, true);
    assertTrue(connection.goAwaySent());
  }

  @Test
  void peerThatReadsMayAskOnAndOn() {
    socket.takeAll();
    for (int i = 0; i < 3; i++) {
      ping(LIMIT, true);
      socket.take(LIMIT);
    }
    assertFalse(connection.goAwaySent());
  }

  @Test
  void resetsAndAnswersToSettingsCountAsWell() {
    for (int i = 0; i < LIMIT / 2; i++) {
      encoder.writeRstStream(ctx, 1, 0, ctx.newPromise());
      encoder.writeSettingsAck(ctx, ctx.newPromise());
    }
    assertFalse(connection.goAwaySent());
    encoder.writeRstStream(ctx, 1, 0, ctx.newPromise());
    assertTrue(connection.goAwaySent());
    assertEquals(0, connection.numActiveStreams());
  }

  @Test
  void pingsOfOurOwnDoNotCount() {
    ping(2 * LIMIT, false);
    assertFalse(connection.goAwaySent());
  }
}
