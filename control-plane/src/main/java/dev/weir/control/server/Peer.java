package dev.weir.control.server;

import io.grpc.Status;

/** The other end of a stream. */
interface Peer<R> {
  /** Whether it takes a response of about so many bytes without piling it up here. */
  boolean ready(long bytes);

  void send(R response);

  /** Ends the stream; {@code OK} is an end too. */
  void end(Status status);
}
