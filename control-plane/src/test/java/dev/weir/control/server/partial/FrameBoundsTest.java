package dev.weir.control.server.partial;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** However its bytes come, frames are parted where they end. */
class FrameBoundsTest {
  private static final int PREFACE = 24;

  /** A piece's bytes belong to the frame of this number, of the preface 0. */
  private record Piece(int frame, boolean data) {}

  @Property(tries = 500)
  void noPieceIsOfTwoFrames(@ForAll Random random) {
    List<Integer> frameOf = new ArrayList<>();
    List<Boolean> isData = new ArrayList<>(List.of(false));
    ByteBuf all = Unpooled.buffer().writeZero(PREFACE);
    note(frameOf, 0, PREFACE);
    for (int i = 1; i < 8; i++) {
      int length = random.nextBoolean() ? random.nextInt(4) : random.nextInt(70_000);
      int type = random.nextInt(3);
      all.writeMedium(length).writeByte(type).writeByte(0).writeInt(1).writeZero(length);
      isData.add(type == 0);
      note(frameOf, i, 9 + length);
    }

    FrameBounds bounds = new FrameBounds();
    int at = 0;
    while (all.isReadable()) {
      ByteBuf come = all.readSlice(Math.min(all.readableBytes(), come(random)));
      while (come.isReadable()) {
        int length = bounds.next(come);
        come.skipBytes(length);
        int frame = frameOf.get(at);
        int begin = frameOf.indexOf(frame);
        assertEquals(frame, frameOf.get(at + length - 1), "the last byte is of the same frame");
        at += length;
        boolean whole = at == frameOf.size() || frameOf.get(at) != frame;
        assertEquals(whole ? 0 : at - begin, bounds.begun());
        assertEquals(
            new Piece(frame, frame > 0 && at - begin > 3 && isData.get(frame)),
            new Piece(frame, bounds.isData()));
      }
    }
  }

  private static int come(Random random) {
    return 1 + (random.nextBoolean() ? random.nextInt(12) : random.nextInt(100_000));
  }

  private static void note(List<Integer> frameOf, int frame, int bytes) {
    for (int i = 0; i < bytes; i++) {
      frameOf.add(frame);
    }
  }
}
