package dev.weir.sidecar.http;

import java.nio.charset.StandardCharsets;

/** Byte tables of RFC 9110 and RFC 9112, and comparisons that need no String. */
public final class Ascii {
  private static final byte TOKEN = 1;
  private static final byte VALUE = 2;
  private static final byte TARGET = 4;
  private static final byte HOST = 8;
  private static final byte[] CLASS = new byte[256];

  static {
    for (int c = 0x20; c < 0x100; c++) {
      if (c != 0x7f) {
        CLASS[c] |= VALUE;
      }
    }
    CLASS['\t'] |= VALUE;
    for (int c = 0x80; c < 0x100; c++) {
      CLASS[c] |= TARGET;
    }
    for (int c = 0x21; c < 0x7f; c++) {
      if (c != '#') {
        CLASS[c] |= TARGET;
      }
      if (Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0) {
        CLASS[c] |= TOKEN;
      }
      if (Character.isLetterOrDigit(c) || "-._~!$&'()*+,;=%:[]".indexOf(c) >= 0) {
        CLASS[c] |= HOST;
      }
    }
  }

  private Ascii() {}

  /** How many digits {@code number}, which is not negative, has. */
  public static int digits(long number) {
    int digits = 1;
    for (long rest = number; rest >= 10; rest /= 10) {
      digits++;
    }
    return digits;
  }

  /** The last {@code digits} digits of {@code number}, with leading zeros. */
  public static void writeDigits(long number, int digits, byte[] target, int at) {
    long rest = number;
    for (int i = at + digits - 1; i >= at; i--) {
      target[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /** RFC 9110 5.6.2 tchar. */
  public static boolean isToken(byte b) {
    return (CLASS[b & 0xff] & TOKEN) != 0;
  }

  /** A byte of a field value: SP, HTAB, VCHAR, obs-text. */
  public static boolean isValue(byte b) {
    return (CLASS[b & 0xff] & VALUE) != 0;
  }

  /**
   * A byte of a request target: visible ASCII but {@code #}, and the bytes of UTF-8 that many
   * clients do not encode.
   */
  public static boolean isTarget(byte b) {
    return (CLASS[b & 0xff] & TARGET) != 0;
  }

  /** A byte of a host and port, RFC 3986 3.2.2. */
  public static boolean isHost(byte b) {
    return (CLASS[b & 0xff] & HOST) != 0;
  }

  /** A reg-name, IPv4 or bracketed IPv6 address, and maybe a port; not empty, no userinfo. */
  public static boolean isAuthority(byte[] bytes, int start, int length) {
    int stop = start + length;
    int i = start;
    if (length > 0 && bytes[i] == '[') {
      i++;
      while (i < stop
          && (Character.digit(bytes[i], 16) >= 0 || bytes[i] == ':' || bytes[i] == '.')) {
        i++;
      }
      if (i - start < 3 || i == stop || bytes[i] != ']') {
        return false;
      }
      i++;
    } else {
      while (i < stop
          && bytes[i] != ':'
          && bytes[i] != '['
          && bytes[i] != ']'
          && isHost(bytes[i])) {
        i++;
      }
      if (i == start) {
        return false;
      }
    }
    if (i == stop) {
      return true;
    }
    int digits = stop - i - 1;
    if (bytes[i] != ':' || digits > 5) {
      return false;
    }
    long port = digits == 0 ? 0 : parseLong(bytes, i + 1, digits);
    return port >= 0 && port <= 65535;
  }

  /** A space or a tab. */
  public static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** The text of {@code size} bytes from {@code start} on, each a character of ISO 8859-1. */
  public static String text(byte[] bytes, int start, int size) {
    return new String(bytes, start, size, StandardCharsets.ISO_8859_1);
  }

  public static byte lower(byte b) {
    return b >= 'A' && b <= 'Z' ? (byte) (b | 0x20) : b;
  }

  /** {@code lower} is in lower case already. */
  public static boolean equalsIgnoreCase(
      byte[] lower, int lowerStart, byte[] other, int otherStart, int length) {
    for (int i = 0; i < length; i++) {
      if (lower[lowerStart + i] != lower(other[otherStart + i])) {
        return false;
      }
    }
    return true;
  }

  /** {@code lower} is in lower case already. */
  public static boolean equalsIgnoreCase(byte[] lower, byte[] other, int start, int length) {
    return lower.length == length && equalsIgnoreCase(lower, 0, other, start, length);
  }

  /** From {@code start} on there is {@code lower}, in any case; there are as many bytes. */
  static boolean beginsWith(byte[] bytes, int start, String lower) {
    for (int i = 0; i < lower.length(); i++) {
      if (lower(bytes[start + i]) != lower.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** A number of 1 to 18 digits, or -1. */
  public static long parseLong(byte[] bytes, int start, int length) {
    if (length == 0 || length > 18) {
      return -1;
    }
    long value = 0;
    for (int i = start; i < start + length; i++) {
      int digit = bytes[i] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
