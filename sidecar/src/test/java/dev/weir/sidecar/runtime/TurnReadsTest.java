package dev.weir.sidecar.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.testkit.HandClock;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("deprecation") // what Netty's channels ask for
class TurnReadsTest {
  private static final int NARROW = 2048;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final RecvByteBufAllocator.Handle handle;

  private final HandClock clock = new HandClock();

  TurnReadsTest() {
    TurnReads.install(channel, clock);
    handle = channel.config().<RecvByteBufAllocator>getRecvByteBufAllocator().newHandle();
    handle.reset(channel.config());
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  /** One whose reads came to {@code bytes} each, and took so long. */
  private void turn(int bytes, long micros) {
    handle.reset(channel.config());
    handle.attemptedBytesRead(handle.guess());
    handle.lastBytesRead(bytes);
    clock.advance(Duration.ofNanos(1000 * micros));
    handle.readComplete();
  }

  /** A read that fills what it is given has the next one be larger. */
  private void sendMuch() {
    for (int i = 0; i < 10; i++) {
      int bytes = handle.guess();
      handle.attemptedBytesRead(bytes);
      handle.lastBytesRead(bytes);
      handle.readComplete();
    }
  }

  @Test
  void connectionThatSendsMuchIsReadInLargeParts() {
    sendMuch();
    turn(64 << 10, 1286);
    assertEquals(64 << 10, handle.guess());
  }

  @Test
  void connectionWhoseTurnsTakeLongIsReadInSmallPartsUntilTheyAreShort() {
    sendMuch();
    turn(64 << 10, 1287);
    assertEquals(NARROW, handle.guess());
    assertEquals(NARROW, allocated());
    turn(NARROW, 125);
    assertEquals(NARROW, handle.guess(), "as long as so small a part may take");
    for (int i = 0; i < 8; i++) {
      assertEquals(NARROW, handle.guess(), "a record of TLS takes some turns");
      turn(NARROW, 124);
    }
    assertTrue(handle.guess() > NARROW);
  }

  @Test
  void turnInWhichLittleHasComeIsNotLong() {
    sendMuch();
    turn(NARROW - 1, 10_000);
    assertTrue(handle.guess() > NARROW);
    turn(NARROW, 10_000);
    for (int i = 0; i < 8; i++) {
      assertEquals(NARROW, handle.guess());
      turn(100, 10_000);
    }
    turn(handle.guess(), 0);
    assertTrue(handle.guess() > NARROW);
  }

  private int allocated() {
    var buffer = handle.allocate(channel.alloc());
    try {
      return buffer.capacity();
    } finally {
      buffer.release();
    }
  }

  @Test
  void connectionIsReadTwiceInATurn() {
    handle.attemptedBytesRead(NARROW);
    handle.incMessagesRead(1);
    handle.lastBytesRead(NARROW);
    assertTrue(handle.continueReading());
    handle.incMessagesRead(1);
    assertFalse(handle.continueReading());
  }

  @Test
  void turnEndsWithTheReadThatHasTakenLong() {
    handle.attemptedBytesRead(NARROW);
    handle.incMessagesRead(1);
    handle.lastBytesRead(NARROW);
    clock.advance(Duration.ofNanos(525_000));
    assertFalse(handle.continueReading());
    handle.readComplete();
    assertEquals(NARROW, handle.guess());
  }
}
