package dev.weir.control.server;

import dev.weir.control.compile.xds.ResourceType;
import io.grpc.Status;

/** The other end of a stream. */
interface Peer<R> {
  /** Whether it takes a response of about so many bytes without piling it up here. */
  boolean ready(long bytes);

  /** Whether it was not ready because others are before it, and not for its client's sake. */
  default boolean inLine() {
    return false;
  }

  void send(ResourceType type, R response);

  /** The client has answered what it was sent last of a type. */
  default void answered(ResourceType type) {}

  /**
   * Nothing follows from an answer that takes the response of this nonce: it need not come to the
   * stream, but is noted.
   */
  default void note(ResourceType type, String nonce) {}

  /** Whether one of a type was noted; from now on answers of this type come to the stream. */
  default boolean noted(ResourceType type) {
    return false;
  }

  /** Ends the stream; {@code OK} is an end too. */
  void end(Status status);
}
