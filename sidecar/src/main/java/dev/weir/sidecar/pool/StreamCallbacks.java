package dev.weir.sidecar.pool;

import dev.weir.sidecar.http.ClientConnection;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamEncoder;

/**
 * How a pool answers: {@link #ready} or {@link #failed} is called, once; maybe before {@code
 * newStream} returns.
 */
public interface StreamCallbacks {
  /** The request is one for another protocol. */
  boolean upgrade();

  /** {@code encoder} is of a stream on {@code connection}. */
  void ready(StreamEncoder encoder, ClientConnection connection);

  void failed(ResetReason reason, String details);
}
