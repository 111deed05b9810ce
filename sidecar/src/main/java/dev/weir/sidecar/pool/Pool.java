package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.http.StreamDecoder;
import org.jspecify.annotations.Nullable;

/** Connections to one host, of one protocol, for one loop. */
interface Pool {
  /** Finds or makes a connection for a request; null if the callbacks have been called already. */
  @Nullable Pending newStream(
      StreamDecoder decoder, Resources resources, StreamCallbacks callbacks);

  /** The host is gone: idle connections close now, busy ones when they are done. */
  void drain();

  /** No connection and nobody waiting. */
  boolean empty();
}
