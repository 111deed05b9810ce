package dev.weir.control.traffic;

import java.util.Arrays;

/** Numbers, not negative, in as many bytes as each needs. Not for several threads. */
final class Varints {
  private static final int BITS = 7;
  private static final int MORE = 1 << BITS;
  private static final int LONGEST = 10;

  private byte[] bytes;
  private int position;

  Varints(int capacity) {
    this.bytes = new byte[capacity];
  }

  /** To be read from the begin. */
  Varints(byte[] bytes) {
    this.bytes = bytes;
  }

  void put(long value) {
    if (position + LONGEST > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length + LONGEST);
    }
    long rest = value;
    while (rest >>> BITS != 0) {
      bytes[position++] = (byte) (rest & MORE - 1 | MORE);
      rest >>>= BITS;
    }
    bytes[position++] = (byte) rest;
  }

  long take() {
    long value = 0;
    int shift = 0;
    byte next;
    do {
      next = bytes[position++];
      value |= (long) (next & MORE - 1) << shift;
      shift += BITS;
    } while (next < 0);
    return value;
  }

  /** How many bytes were put, or taken. */
  int position() {
    return position;
  }

  void rewind() {
    position = 0;
  }

  byte[] copy() {
    return Arrays.copyOf(bytes, position);
  }
}
