package dev.weir.sidecar.format;

import dev.weir.sidecar.http.StreamInfo;

/** One compiled command operator. */
interface Operator {
  /** Writes the value; false, with nothing written, where there is none. */
  boolean write(StreamInfo info, ByteSink out);

  /** As {@link #write}, as a value of JSON: a string, unless it is of another type. */
  default boolean writeJson(StreamInfo info, ByteSink out) {
    int quote = out.length();
    out.put((byte) '"');
    int start = out.length();
    if (!write(info, out)) {
      out.truncate(quote);
      return false;
    }
    out.escapeJson(start);
    out.put((byte) '"');
    return true;
  }
}
