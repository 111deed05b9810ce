package dev.weir.sidecar.http;

/** The connection manager's side of one downstream stream. */
public interface ServerStream extends StreamDecoder {
  /**
   * The request turned out to be malformed after its head: it ends here.
   *
   * @param status what the codec answers, if no response has begun
   */
  void malformed(int status, String details);

  /**
   * A deadline of this stream may have passed.
   *
   * @param now on the scale of {@link System#nanoTime()}
   * @return when to ask again; {@link Long#MAX_VALUE} for never
   */
  long deadline(long now);
}
