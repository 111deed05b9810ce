package dev.weir.sidecar.format;

import dev.weir.sidecar.http.Ascii;
import java.nio.charset.StandardCharsets;

/**
 * What operators have written, as a header can carry it: RFC 9110 5.5. A claim, the subject of a
 * certificate or metadata may hold a line break, which would begin another header.
 */
final class FieldValue {
  private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.US_ASCII);

  private FieldValue() {}

  /** Without white space at its ends, and control characters percent-encoded. */
  static String of(ByteSink text) {
    byte[] bytes = text.bytes();
    int start = 0;
    int end = text.length();
    while (start < end && isSpace(bytes[start])) {
      start++;
    }
    while (end > start && isSpace(bytes[end - 1])) {
      end--;
    }
    int i = start;
    while (i < end && Ascii.isValue(bytes[i])) {
      i++;
    }
    if (i == end) {
      return new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
    }
    ByteSink clean = new ByteSink(end - start + 8);
    clean.put(bytes, start, i - start);
    for (; i < end; i++) {
      byte b = bytes[i];
      if (Ascii.isValue(b)) {
        clean.put(b);
      } else {
        clean.put((byte) '%');
        clean.put(HEX[b >> 4 & 0xf]);
        clean.put(HEX[b & 0xf]);
      }
    }
    return clean.toString();
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\t';
  }
}
