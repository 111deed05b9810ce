package dev.weir.sidecar.filter.http.router;

import dev.weir.sidecar.http.Ascii;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;

/**
 * {@code grpc-timeout}: at most eight digits and a unit.
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md
 */
final class GrpcTimeout {
  /** More hours than this are as good as none, and would overflow. */
  private static final long LONGEST_HOURS = 1_000_000;

  private static final long MOST_DIGITS = 99_999_999;

  private GrpcTimeout() {}

  /** What {@code headers} ask for, in nanoseconds; -1 for nothing, or nothing that can be read. */
  static long of(Headers headers) {
    int field = headers.find(HeaderName.GRPC_TIMEOUT);
    return field < 0
        ? -1
        : nanos(headers.bytes(), headers.valueStart(field), headers.valueLength(field));
  }

  /** The same the other way, in the finest unit that it fits in. */
  static String text(long nanos) {
    if (nanos <= MOST_DIGITS) {
      return nanos + "n";
    }
    if (nanos / 1_000 <= MOST_DIGITS) {
      return nanos / 1_000 + "u";
    }
    if (nanos / 1_000_000 <= MOST_DIGITS) {
      return nanos / 1_000_000 + "m";
    }
    return Math.min(nanos / 1_000_000_000, MOST_DIGITS) + "S";
  }

  /** -1 if it is malformed. */
  static long nanos(byte[] bytes, int start, int length) {
    if (length < 2 || length > 9) {
      return -1;
    }
    long value = Ascii.parseLong(bytes, start, length - 1);
    if (value < 0) {
      return -1;
    }
    return switch (bytes[start + length - 1]) {
      case 'H' -> Math.min(value, LONGEST_HOURS) * 3_600_000_000_000L;
      case 'M' -> Math.min(value, 60 * LONGEST_HOURS) * 60_000_000_000L;
      case 'S' -> value * 1_000_000_000L;
      case 'm' -> value * 1_000_000L;
      case 'u' -> value * 1_000L;
      case 'n' -> value;
      default -> -1;
    };
  }
}
