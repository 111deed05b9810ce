package dev.weir.sidecar.http;

import io.netty.buffer.ByteBuf;

/** One stream's way out: the response on the downstream side, the request on the upstream side. */
public interface StreamEncoder {
  /** A 1xx response; downstream only. */
  void informational(Headers headers);

  /** {@code headers} are read before this returns, not kept. */
  void headers(Headers headers, boolean endStream);

  /** Takes {@code data} over. */
  void data(ByteBuf data, boolean endStream);

  /** Ends the stream. */
  void trailers(Headers trailers);

  /** Gives the stream up; its decoder hears nothing more. */
  void reset(ResetReason reason);

  /** Pauses (true) or resumes the reads of this stream. Calls do not nest. */
  void readDisable(boolean disable);

  /** False while more than the high watermark waits to be written. */
  boolean writable();
}
