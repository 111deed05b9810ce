package dev.weir.sidecar.pool;

import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamEncoder;

/** How a pool answers. One of the two is called, once; maybe before {@code newStream} returns. */
public interface StreamCallbacks {
  void ready(StreamEncoder encoder, Protocol protocol);

  void failed(ResetReason reason, String details);
}
