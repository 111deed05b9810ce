package dev.weir.sidecar.http.h1;

/** The end of a line of a head: CRLF, and LF alone from who is forgiven. RFC 9112 2.2. */
final class LineEnd {
  static final int MORE = -1;
  static final int WRONG = -2;

  private LineEnd() {}

  /**
   * Where the next line begins if this one ends at {@code at} of {@code n}; {@link #MORE} while
   * that cannot be said, {@link #WRONG} if something else stands there.
   */
  static int behind(byte[] b, int at, int n, boolean lenient) {
    if (at == n) {
      return MORE;
    }
    if (b[at] != '\r') {
      return b[at] == '\n' && lenient ? at + 1 : WRONG;
    }
    if (at + 1 == n) {
      return MORE;
    }
    return b[at + 1] == '\n' ? at + 2 : WRONG;
  }

  /** What {@code found} is instead: half an end, or {@code otherwise}. */
  static Malformed wrong(byte found, Malformed otherwise) {
    return found == '\r' || found == '\n' ? Malformed.BARE_CR_OR_LF : otherwise;
  }
}
