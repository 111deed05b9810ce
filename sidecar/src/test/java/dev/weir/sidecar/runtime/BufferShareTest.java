package dev.weir.sidecar.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What connections may hold of what their peers do not take. */
class BufferShareTest {
  private static final int MIB = 1 << 20;

  @ParameterizedTest
  @ValueSource(ints = {16, 64, 256, 1024})
  void thousandsOfPeersThatReadNothingLeaveMemory(int mib) {
    BufferShare shares = new BufferShare((long) mib * MIB);
    long held = 0;
    int most = 64 * mib; // connections, each of which has some bytes in any case
    for (int i = 1; i <= most; i++) {
      held += shares.share(i, MIB);
    }
    assertTrue(held < (long) mib * MIB * 9 / 10, held / MIB + " MiB of " + mib);
  }

  @Test
  void aConnectionHasLessThanItsConfigurationAllows() {
    BufferShare shares = new BufferShare(256L * MIB);
    assertEquals(64 << 10, shares.share(1, MIB));
    assertEquals(1000, shares.share(1, 1000));
    assertEquals(8 << 10, shares.share(100_000, MIB));
    assertEquals(4 * MIB, shares.share(100_000, 4 * MIB), "it was asked for");
  }

  @Test
  void whoLeavesGivesItsShareBack() {
    BufferShare shares = new BufferShare(MIB);
    EmbeddedChannel first = new EmbeddedChannel();
    shares.join(first, MIB);
    assertEquals(64 << 10, first.config().getWriteBufferHighWaterMark());
    EmbeddedChannel second = new EmbeddedChannel();
    EmbeddedChannel third = new EmbeddedChannel();
    shares.join(second, MIB);
    shares.join(third, MIB);
    assertTrue(third.config().getWriteBufferHighWaterMark() < 64 << 10);
    first.close();
    second.close();
    EmbeddedChannel fourth = new EmbeddedChannel();
    shares.join(fourth, MIB);
    assertEquals(64 << 10, fourth.config().getWriteBufferHighWaterMark());
  }
}
