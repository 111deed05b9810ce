package dev.weir.sidecar.trace;

import dev.weir.sidecar.http.Ascii;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;

/**
 * {@code tracestate}: https://www.w3.org/TR/trace-context-2/#tracestate-header. A key is one of
 * level 2, which takes in those of level 1. What members say, and in which order, is none of ours.
 */
final class TraceState {
  private static final int MOST_MEMBERS = 32;

  /** Of a key, and of a value. */
  private static final int LONGEST = 256;

  private static final int MALFORMED = MOST_MEMBERS + 1;

  private TraceState() {}

  /** Leaves one field with all members; none where one is malformed, or there are too many. */
  static void tidy(Headers headers) {
    int members = 0;
    int fields = 0;
    int field = headers.find(HeaderName.TRACESTATE);
    while (field >= 0) {
      members += members(headers.bytes(), headers.valueStart(field), headers.valueLength(field));
      fields++;
      field = headers.next(HeaderName.TRACESTATE, field);
    }
    String all = fields > 1 ? headers.value("tracestate") : null;
    if (members == 0 || members > MOST_MEMBERS) {
      headers.remove(HeaderName.TRACESTATE);
    } else if (all != null) {
      headers.set(HeaderName.TRACESTATE, all);
    }
  }

  /** How many there are; empty ones do not count. */
  private static int members(byte[] bytes, int start, int length) {
    int end = start + length;
    int members = 0;
    int at = start;
    while (at <= end && members <= MOST_MEMBERS) {
      int comma = at;
      while (comma < end && bytes[comma] != ',') {
        comma++;
      }
      int from = at;
      while (from < comma && Ascii.isBlank(bytes[from])) {
        from++;
      }
      int to = comma;
      while (to > from && Ascii.isBlank(bytes[to - 1])) {
        to--;
      }
      if (from < to) {
        members = isMember(bytes, from, to) ? members + 1 : MALFORMED;
      }
      at = comma + 1;
    }
    return members;
  }

  private static boolean isMember(byte[] bytes, int from, int to) {
    int equals = from;
    while (equals < to && bytes[equals] != '=') {
      if (!isOfKey(bytes[equals], equals == from)) {
        return false;
      }
      equals++;
    }
    int key = equals - from;
    int value = to - equals - 1;
    if (key == 0 || key > LONGEST || value < 1 || value > LONGEST) {
      return false;
    }
    for (int i = equals + 1; i < to; i++) {
      if (bytes[i] < ' ' || bytes[i] > '~' || bytes[i] == '=') {
        return false;
      }
    }
    return true;
  }

  private static boolean isOfKey(byte b, boolean first) {
    boolean letterOrDigit = b >= 'a' && b <= 'z' || b >= '0' && b <= '9';
    return letterOrDigit || !first && (b == '_' || b == '-' || b == '*' || b == '/' || b == '@');
  }
}
