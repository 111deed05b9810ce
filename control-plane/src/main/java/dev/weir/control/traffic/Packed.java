package dev.weir.control.traffic;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/** Bytes in less room. */
record Packed(int length, byte[] deflated) {
  static Packed of(byte[] bytes) {
    try (Deflater deflater = new Deflater(Deflater.BEST_SPEED, true)) {
      deflater.setInput(bytes);
      deflater.finish();
      byte[] room = new byte[bytes.length + 64]; // what cannot be deflated is stored, in blocks
      int length = deflater.deflate(room);
      if (!deflater.finished()) {
        throw new AssertionError(bytes.length + " bytes are more than " + room.length);
      }
      return new Packed(bytes.length, Arrays.copyOf(room, length));
    }
  }

  byte[] bytes() {
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(deflated);
      byte[] bytes = new byte[length];
      int inflated = inflater.inflate(bytes);
      if (inflated != length) {
        throw new AssertionError(inflated + " bytes, not " + length);
      }
      return bytes;
    } catch (DataFormatException e) {
      throw new AssertionError(e);
    }
  }

  int size() {
    return deflated.length;
  }
}
