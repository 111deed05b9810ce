package dev.weir.sidecar.trace;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/** Ids of traces and spans: hex digits, no id is all zero. */
public final class SpanIds {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.ISO_8859_1);

  private SpanIds() {}

  /** A new span's: 16 digits. */
  public static String span(SplittableRandom random) {
    return digits(random, 16);
  }

  /** A new trace's: 32 digits. */
  static String trace(SplittableRandom random) {
    return digits(random, 32);
  }

  private static String digits(SplittableRandom random, int digits) {
    byte[] text = new byte[digits];
    for (int i = 0; i < digits; i += 16) {
      long bits = random.nextLong();
      while (bits == 0) { // no id is all zero, and this half may be all of it
        bits = random.nextLong();
      }
      for (int j = 0; j < 16; j++) {
        text[i + j] = HEX[(int) (bits >>> (60 - 4 * j)) & 0xf];
      }
    }
    return new String(text, StandardCharsets.ISO_8859_1);
  }
}
