package dev.weir.sidecar.detect;

/** What the first bytes of a connection say. */
public enum Detection {
  /** A TLS ClientHello. */
  TLS,
  HTTP1,
  HTTP2,
  /** None of these. */
  OPAQUE,
  /** More bytes are wanted. */
  NEED_MORE
}
