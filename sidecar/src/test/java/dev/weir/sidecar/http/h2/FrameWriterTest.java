package dev.weir.sidecar.http.h2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.http.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameWriterTest {
  private final FrameWriter writer = new FrameWriter();
  private final SentFields fields = new SentFields();
  private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private final ChannelHandlerContext ctx = channel.pipeline().firstContext();

  @AfterEach
  void close() {
    writer.close();
    channel.finishAndReleaseAll();
  }

  private ChannelFuture head(int stream, boolean end, String... more) throws Exception {
    Headers headers = Headers.response(200);
    for (int i = 0; i < more.length; i += 2) {
      headers.add(more[i], more[i + 1]);
    }
    return writer.headers(ctx, stream, fields.response(headers), end);
  }

  private ChannelFuture data(int stream, boolean end, String text) {
    ByteBuf data = ctx.alloc().buffer();
    data.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    return writer.data(ctx, stream, data, end);
  }

  /** How many buffers the channel was given. */
  private int flush() {
    writer.writeOut(ctx);
    channel.flush();
    return channel.outboundMessages().size();
  }

  /** The frames that a peer sees in what was flushed. */
  private List<String> frames() throws Http2Exception {
    ByteBuf all = ctx.alloc().buffer();
    List<String> frames = new ArrayList<>();
    try (DefaultHttp2FrameReader reader =
        new DefaultHttp2FrameReader(new DefaultHttp2HeadersDecoder(true, 1 << 20))) {
      for (ByteBuf each = channel.readOutbound(); each != null; each = channel.readOutbound()) {
        all.writeBytes(each);
        each.release();
      }
      while (all.isReadable()) {
        reader.readFrame(ctx, all, new Told(frames));
      }
    } finally {
      all.release();
    }
    return frames;
  }

  private static final class Told extends Http2FrameAdapter {
    private final List<String> frames;

    Told(List<String> frames) {
      this.frames = frames;
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean end) {
      int length = headers.contains("x-long") ? headers.get("x-long").length() : 0;
      frames.add("head " + streamId + " " + headers.status() + " " + length + " " + end);
    }

    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean end) {
      frames.add("data " + streamId + " " + data.readableBytes() + " " + end);
      return data.readableBytes() + padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
      frames.add("reset " + streamId);
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
      frames.add("ping");
    }
  }

  @Test
  void headsAndSmallBodiesOfAllStreamsAreOneBuffer() throws Exception {
    head(1, false);
    data(1, true, "one");
    head(3, true);
    assertTrue(channel.outboundMessages().isEmpty());
    assertEquals(1, flush());
    assertEquals(List.of("head 1 200 0 false", "data 1 3 true", "head 3 200 0 true"), frames());
  }

  @Test
  void framesOfOtherKindsKeepTheirPlace() throws Exception {
    head(1, false);
    writer.writePing(ctx, true, 1, ctx.newPromise());
    data(1, false, "one");
    writer.writeRstStream(ctx, 1, 0, ctx.newPromise());
    head(3, true);
    flush();
    assertEquals(
        List.of("head 1 200 0 false", "ping", "data 1 3 false", "reset 1", "head 3 200 0 true"),
        frames());
  }

  @Test
  void headThatIsTooLongForOneFrameIsContinued() throws Exception {
    data(1, false, "before");
    head(3, true, "x-long", "a".repeat(40_000));
    data(1, true, "behind");
    flush();
    assertEquals(List.of("data 1 6 false", "head 3 200 40000 true", "data 1 6 true"), frames());
  }

  @Test
  void fieldsOfOneRequestPutNoneOutOfTheTableThatComesAgain() throws Exception {
    for (int i = 0; i < 100; i++) {
      String id = String.format("%032x", i + 1);
      head(1, false, "x-own", "comes again", "traceparent", "00-" + id + "-00f067aa0ba902b7-00");
      writer.writeOut(ctx);
      channel.flush();
      ByteBuf written = channel.readOutbound();
      int literal = 1 + 1 + "traceparent".length() + 1 + 55;
      int bytes = written.readableBytes();
      written.release();
      if (i > 0) {
        assertEquals(9 + 1 + 1 + literal, bytes, "head " + i);
      }
    }
  }

  @Test
  void largePartOfABodyIsNotCopied() throws Exception {
    head(1, false);
    data(1, true, "x".repeat(40_000));
    assertTrue(flush() > 2);
    assertEquals(
        List.of(
            "head 1 200 0 false", "data 1 16384 false", "data 1 16384 false", "data 1 7232 true"),
        frames());
  }

  @Test
  void bufferThatIsFullIsHandedOnBeforeTheTurnEnds() throws Exception {
    for (int i = 0; i < 6; i++) {
      data(1, false, "x".repeat(2000));
    }
    channel.flush();
    assertEquals(1, channel.outboundMessages().size());
  }

  @Test
  void futureIsDoneWhenTheChannelHasTakenTheBuffer() throws Exception {
    ChannelFuture head = head(1, false);
    ChannelFuture data = data(1, true, "one");
    assertFalse(head.isDone());
    flush();
    assertTrue(head.isSuccess());
    assertTrue(data.isSuccess());
  }

  @Test
  void refusedHeadLeavesNothingBehind() throws Exception {
    head(1, true);
    writer.headersConfiguration().maxHeaderListSize(100);
    assertThrows(Http2Exception.class, () -> head(3, true, "x-long", "a".repeat(200)));
    head(5, true);
    flush();
    assertEquals(List.of("head 1 200 0 true", "head 5 200 0 true"), frames());
  }

  @Test
  void whatWasNotHandedOnWhenItIsClosedFails() throws Exception {
    List<Throwable> heard = new ArrayList<>();
    writer.listener(written -> heard.add(written.cause()));
    ChannelFuture head = head(1, true);
    writer.close();
    assertInstanceOf(java.nio.channels.ClosedChannelException.class, head.cause());
    assertEquals(List.of(head.cause()), heard);
    ByteBuf late = Unpooled.buffer().writeByte(1);
    assertTrue(writer.data(ctx, 1, late, true).isDone());
    assertEquals(0, late.refCnt());
    assertNull(channel.readOutbound());
  }
}
