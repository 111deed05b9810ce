package dev.weir.sidecar.http.h1;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.testkit.HandClock;
import dev.weir.sidecar.testkit.IncidentGuard;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/** One connection by itself: its time is moved by hand, and its buffers are counted. */
abstract class ConnectionByHand {
  final HandClock clock = new HandClock();
  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true, true);
  final StringBuilder told = new StringBuilder();
  EmbeddedChannel channel = new EmbeddedChannel();

  /** Of the channel. */
  final Loop loop() {
    return new Loop(
        0, channel.eventLoop(), clock, new SplittableRandom(1), IncidentGuard.incidents());
  }

  final void open(ChannelHandler connection) {
    channel.config().setAllocator(allocator);
    channel.freezeTime();
    channel.pipeline().addLast(connection);
  }

  @AfterEach
  final void stop() {
    channel.close();
    channel.runPendingTasks();
    written();
    assertEquals(0, allocator.metric().usedDirectMemory(), "buffers not released");
  }

  final void read(String text) {
    channel.writeInbound(data(text));
  }

  /** What was told since this was asked. */
  final String told() {
    String all = told.toString();
    told.setLength(0);
    return all;
  }

  /** What was written since this was asked. */
  final String written() {
    channel.runPendingTasks();
    StringBuilder text = new StringBuilder();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      text.append(part.toString(StandardCharsets.US_ASCII));
      part.release();
    }
    return text.toString();
  }

  final void pass(Duration time) {
    clock.advance(time);
    channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
    channel.runPendingTasks();
  }

  final ByteBuf data(String text) {
    ByteBuf data = allocator.directBuffer();
    data.writeCharSequence(text, StandardCharsets.US_ASCII);
    return data;
  }

  /** Names and values by turns are added to {@code headers}. */
  static Headers with(Headers headers, String... fields) {
    for (int i = 0; i < fields.length; i += 2) {
      headers.add(fields[i], fields[i + 1]);
    }
    return headers;
  }
}
