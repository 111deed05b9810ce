package dev.weir.control.server;

import io.grpc.Status;

/** The other end of a stream. */
interface Peer<R> {
  /** Whether it takes a response of about so many bytes without piling it up here. */
  boolean ready(long bytes);

  /** Whether it was not ready because others are before it, and not for its client's sake. */
  default boolean inLine() {
    return false;
  }

  void send(R response);

  /** Ends the stream; {@code OK} is an end too. */
  void end(Status status);
}
