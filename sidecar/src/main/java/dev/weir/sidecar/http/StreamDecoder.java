package dev.weir.sidecar.http;

import io.netty.buffer.ByteBuf;

/**
 * What a codec tells of one stream: the request on the downstream side, the response on the
 * upstream side. After the end or {@link #reset} nothing more comes.
 */
public interface StreamDecoder {
  /** A 1xx response that is not 101; upstream only. */
  void informational(Headers headers);

  void headers(Headers headers, boolean endStream);

  /** {@code data} is the callee's to release. */
  void data(ByteBuf data, boolean endStream);

  /** Ends the stream. */
  void trailers(Headers trailers);

  void reset(ResetReason reason, String details);

  /**
   * What is written to this stream is piling up (false), or has drained (true): the other side's
   * reads pause and go on.
   */
  void writable(boolean writable);
}
