package dev.weir.sidecar.format;

import dev.weir.sidecar.http.Ascii;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A growing row of bytes, reused from line to line. Not thread-safe. */
public final class ByteSink {
  private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

  /** Stands in a JSON string as it is; UTF-8 of what is not ASCII is not what it is in Latin-1. */
  private static final boolean[] PLAIN = new boolean[256];

  static {
    for (int c = 0x20; c < 0x7f; c++) {
      PLAIN[c] = c != '"' && c != '\\';
    }
  }

  private byte[] bytes;
  private int length;

  public ByteSink(int capacity) {
    this.bytes = new byte[capacity];
  }

  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return length;
  }

  /** Back to an earlier {@link #length()}. */
  public void truncate(int to) {
    length = to;
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
    }
  }

  public void put(byte value) {
    reserve(1);
    bytes[length++] = value;
  }

  public void put(byte[] source) {
    put(source, 0, source.length);
  }

  public void put(byte[] source, int start, int count) {
    reserve(count);
    System.arraycopy(source, start, bytes, length, count);
    length += count;
  }

  /** Latin-1; other characters become {@code ?}. */
  public void put(String text) {
    int count = text.length();
    reserve(count);
    for (int i = 0; i < count; i++) {
      char c = text.charAt(i);
      bytes[length + i] = c > 0xff ? (byte) '?' : (byte) c;
    }
    length += count;
  }

  public void put(long number) {
    if (number < 0) {
      put(Long.toString(number));
      return;
    }
    putPadded(number, Ascii.digits(number));
  }

  /** The last {@code digits} digits of {@code number}, with leading zeros. */
  public void putPadded(long number, int digits) {
    reserve(digits);
    Ascii.writeDigits(number, digits, bytes, length);
    length += digits;
  }

  /**
   * Makes what stands from {@code start} on fit between the quotes of a JSON string; it is Latin-1
   * and becomes UTF-8.
   */
  public void escapeJson(int start) {
    int i = start;
    while (i < length && plain(bytes[i])) {
      i++;
    }
    if (i == length) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(bytes, i, length);
    length = i;
    for (byte b : rest) {
      if (plain(b)) {
        put(b);
      } else if (b == '"' || b == '\\') {
        put((byte) '\\');
        put(b);
      } else if (b < 0) {
        put((byte) (0xc0 | (b & 0xff) >> 6));
        put((byte) (0x80 | b & 0x3f));
      } else {
        put("\\u00");
        put(HEX[b >> 4 & 0xf]);
        put(HEX[b & 0xf]);
      }
    }
  }

  private static boolean plain(byte b) {
    return PLAIN[b & 0xff];
  }

  @Override
  public String toString() {
    return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
  }
}
