package dev.weir.control.server.partial;

import io.netty.buffer.ByteBuf;

/** Where the frames of a client of HTTP/2 end, in bytes that come in pieces. One thread. */
final class FrameBounds {
  private static final int PREFACE = 24;
  private static final int HEADER = 9;
  private static final int DATA = 0;

  private static final int END_STREAM = 1;
  private static final int PADDED = 8;

  /** Of a header, the bytes of the length and of the type; the flags are behind them. */
  private static final int TELLING = 4;

  /** That have come of the frame, its header included. */
  private int begun;

  /** That are to come until it ends, as far as is known. */
  private int left = PREFACE;

  /** Of the bytes that tell, how many have come, and what they say. */
  private int known = TELLING + 1;

  private int told = -1;
  private int flags;

  /** How many of the readable bytes, of which there is one, belong to one frame. */
  int next(ByteBuf in) {
    if (left == 0) {
      begun = 0;
      left = HEADER;
      known = 0;
      told = 0;
    }
    int at = in.readerIndex();
    while (known <= TELLING && at < in.writerIndex()) {
      int each = in.getUnsignedByte(at++);
      known++;
      if (known > TELLING) {
        flags = each;
      } else {
        told = told << Byte.SIZE | each;
      }
      if (known == TELLING) {
        left += told >>> Byte.SIZE;
      }
    }
    int length = Math.min(left, in.readableBytes());
    begun += length;
    left -= length;
    return length;
  }

  /** Whether it is a part of a request's body. */
  boolean isData() {
    return known >= TELLING && (told & 0xff) == DATA;
  }

  /** Whether it is such a part which holds nothing, or more than it says. */
  boolean isIdle() {
    boolean empty = told >>> Byte.SIZE == 0 && (flags & END_STREAM) == 0;
    return known > TELLING && isData() && (empty || (flags & PADDED) != 0);
  }

  /** What has come of a frame of which there is more to come. */
  int begun() {
    return left == 0 ? 0 : begun;
  }
}
