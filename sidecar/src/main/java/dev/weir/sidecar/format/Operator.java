package dev.weir.sidecar.format;

import dev.weir.sidecar.http.StreamInfo;

/** One compiled command operator. */
interface Operator {
  /** Writes the value; false, with nothing written, where there is none. */
  boolean write(StreamInfo info, ByteSink out);

  /** In JSON it stands without quotes. */
  default boolean numeric() {
    return false;
  }
}
