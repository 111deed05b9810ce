package dev.weir.sidecar.upstream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.weir.sidecar.http.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestBodyTest {
  private static final int PLENTY = 1 << 20;

  private final ReplayBudget budget = new ReplayBudget(PLENTY);

  private static void add(RequestBody body, byte[] bytes, boolean needed) {
    ByteBuf data = Unpooled.wrappedBuffer(bytes);
    body.add(data, false, needed);
    data.release();
  }

  private static byte[] replayed(RequestBody body) {
    ByteBuf all = Unpooled.wrappedBuffer(body.replay().toArray(ByteBuf[]::new));
    byte[] bytes = new byte[all.readableBytes()];
    all.readBytes(bytes);
    all.release();
    return bytes;
  }

  @Test
  void partsOfAnySizeAreReplayedInTheirOrder() {
    Random random = new Random(7);
    RequestBody body = new RequestBody(PLENTY, budget);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    for (int i = 0; i < 200; i++) {
      byte[] part = new byte[random.nextInt(10) == 0 ? random.nextInt(5000) : random.nextInt(300)];
      random.nextBytes(part);
      sent.writeBytes(part);
      add(body, part, false);
    }
    assertEquals(List.of(), differences(sent.toByteArray(), replayed(body)));
    assertEquals(List.of(), differences(sent.toByteArray(), replayed(body)), "a second time");
    body.release();
  }

  private static List<String> differences(byte[] expected, byte[] actual) {
    int at = java.util.Arrays.mismatch(expected, actual);
    return at < 0 ? List.of() : List.of("at byte " + at);
  }

  @Test
  void aReplayUnderWayDoesNotSeeWhatComesLater() {
    RequestBody body = new RequestBody(PLENTY, budget);
    add(body, new byte[] {1, 2}, false);
    List<ByteBuf> slices = body.replay();
    add(body, new byte[] {3}, false);
    assertEquals(1, slices.size());
    assertEquals(2, slices.getFirst().readableBytes());
    slices.forEach(ByteBuf::release);
    body.release();
  }

  @Test
  void smallPartsDoNotHoldTheBuffersTheyWereReadInto() {
    RequestBody body = new RequestBody(PLENTY, budget);
    ByteBuf read = UnpooledByteBufAllocator.DEFAULT.buffer(65_536).writeByte(1);
    body.add(read, false, false);
    assertEquals(1, read.refCnt());
    read.release();
    for (int i = 1; i < 5000; i++) {
      add(body, new byte[] {1}, false);
    }
    List<ByteBuf> slices = body.replay();
    assertEquals(5, slices.size());
    slices.forEach(ByteBuf::release);
    body.release();
  }

  @Test
  void overTheBoundOfTheRequestNothingIsKept() {
    RequestBody body = new RequestBody(100, budget);
    add(body, new byte[60], false);
    add(body, new byte[60], false);
    assertFalse(body.kept());
    assertEquals(PLENTY, budget.left());
  }

  @Test
  void overTheBoundOfTheProcessTheLaterBodyIsNotKept() {
    ReplayBudget tight = new ReplayBudget(3000);
    RequestBody first = new RequestBody(PLENTY, tight);
    RequestBody second = new RequestBody(PLENTY, tight);
    add(first, new byte[2000], false);
    add(second, new byte[2000], false);
    assertTrue(first.kept());
    assertFalse(second.kept());
    first.release();
    assertEquals(3000, tight.left());
  }

  @Test
  void whatHasNoConnectionYetIsKeptAndPausesReads() {
    ReplayBudget tight = new ReplayBudget(3000);
    RequestBody body = new RequestBody(PLENTY, tight);
    assertFalse(body.full());
    add(body, new byte[4000], true);
    assertTrue(body.kept());
    assertTrue(body.full());
    assertTrue(body.overBound());
    body.release();
    assertEquals(3000, tight.left());
  }

  @Test
  void releaseTwiceGivesBackOnce() {
    RequestBody body = new RequestBody(PLENTY, budget);
    add(body, new byte[2000], false);
    body.release();
    body.release();
    assertEquals(PLENTY, budget.left());
  }

  @Test
  void bodyOfExactlyItsBoundIsKept() {
    RequestBody body = new RequestBody(100, budget);
    add(body, new byte[60], false);
    assertFalse(body.full());
    add(body, new byte[40], false);
    assertTrue(body.kept());
    assertTrue(body.full());
    assertFalse(body.overBound());
    add(body, new byte[1], true);
    assertTrue(body.overBound());
    add(body, new byte[1], false);
    assertFalse(body.kept());
    assertThrows(IllegalStateException.class, body::replay);
  }

  @Test
  void bodyOfExactlyWhatTheProcessHasLeftIsKept() {
    ReplayBudget tight = new ReplayBudget(100);
    RequestBody body = new RequestBody(PLENTY, tight);
    RequestBody other = new RequestBody(PLENTY, tight);
    assertFalse(other.full() || other.overBound());
    add(body, new byte[100], false);
    assertTrue(body.kept());
    assertTrue(body.full());
    assertFalse(body.overBound());
    assertFalse(other.full(), "it holds nothing that it could do without");
    add(body, new byte[1], true);
    assertTrue(body.overBound());
    assertFalse(other.overBound());
    body.release();
    assertEquals(100, tight.left());
  }

  @Test
  void bodyEndsWithItsLastPartOrItsTrailers() {
    RequestBody body = new RequestBody(PLENTY, budget);
    add(body, new byte[1], false);
    assertFalse(body.ended());
    body.add(Unpooled.EMPTY_BUFFER, true, false);
    assertTrue(body.ended());
    body.add(Unpooled.EMPTY_BUFFER, false, false);
    assertTrue(body.ended() && body.kept());
    assertNull(body.trailers());
    body.release();
    RequestBody withTrailers = new RequestBody(PLENTY, budget);
    Headers trailers = Headers.empty();
    withTrailers.trailers(trailers);
    assertTrue(withTrailers.ended());
    assertSame(trailers, withTrailers.trailers());
  }
}
