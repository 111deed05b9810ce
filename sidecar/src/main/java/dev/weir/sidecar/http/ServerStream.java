package dev.weir.sidecar.http;

/** The connection manager's side of one downstream stream. */
public interface ServerStream extends StreamDecoder {
  /**
   * A deadline of this stream may have passed.
   *
   * @param now on the scale of {@link System#nanoTime()}
   * @return when to ask again; {@link Long#MAX_VALUE} for never
   */
  long deadline(long now);
}
