package dev.weir.sidecar.http;

/** Why a stream ended before its end. */
public enum ResetReason {
  /** The peer closed the connection, or it broke. */
  CONNECTION_TERMINATION,
  /**
   * The peer closed a connection that had served before, or with bytes that it had not read, and
   * answered nothing of a request that may be sent twice: it may have closed it for want of one, or
   * because it ends. RFC 9110 9.2.2.
   */
  STALE_CONNECTION,
  /** The connection could not be made. */
  CONNECT_FAILURE,
  /** No connection within the cluster's connect timeout. */
  CONNECT_TIMEOUT,
  /** The peer reset the stream. */
  REMOTE_RESET,
  /** The peer did not take the stream and says that it did nothing: it may be tried again. */
  REFUSED_STREAM,
  /** We reset it. */
  LOCAL_RESET,
  /** The peer broke the protocol. */
  PROTOCOL_ERROR,
  /** A bound of ours was reached: {@code max_connections}, {@code max_pending_requests}. */
  OVERFLOW
}
