package dev.weir.sidecar.admin;

import com.google.protobuf.MessageLite;

/** What is served by gRPC. */
interface GrpcMethods {
  /** What a method is. */
  enum Kind {
    /** One request, one response. */
    UNARY,
    /** A response to each request. */
    STREAM,
    /** There is no such method. */
    UNKNOWN
  }

  /** Any thread; at once. */
  Kind kind(String path);

  /** Any thread that may wait. */
  MessageLite answer(byte[] request) throws GrpcRefusal, InterruptedException;
}
