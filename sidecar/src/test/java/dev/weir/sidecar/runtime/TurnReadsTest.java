package dev.weir.sidecar.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("deprecation") // what Netty's channels ask for
class TurnReadsTest {
  private static final int NARROW = 2048;

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final RecvByteBufAllocator.Handle handle;

  TurnReadsTest() {
    TurnReads.install(channel);
    handle = channel.config().<RecvByteBufAllocator>getRecvByteBufAllocator().newHandle();
    handle.reset(channel.config());
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void turn(int requests) {
    for (int i = 0; i < requests; i++) {
      TurnReads.begun(channel);
    }
    TurnReads.turnOver(channel);
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
    turn(100);
    assertEquals(64 << 10, handle.guess());
  }

  @Test
  void connectionThatBeginsManyRequestsInATurnIsReadInSmallPartsUntilItBeginsFew() {
    sendMuch();
    turn(128);
    assertEquals(NARROW, handle.guess());
    assertEquals(NARROW, allocated());
    turn(64);
    assertEquals(NARROW, handle.guess(), "as many as so small a part holds");
    for (int i = 0; i < 8; i++) {
      assertEquals(NARROW, handle.guess(), "a record of TLS takes some turns");
      turn(10);
    }
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
}
