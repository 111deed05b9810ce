package dev.weir.sidecar.http;

import org.jspecify.annotations.Nullable;

/**
 * The facts of one attempt of a request that had a host. A struct, as {@link StreamInfo}, of which
 * it is a part. Times are the loop's {@code nanoTime}, 0 for what has not come to be.
 */
public final class AttemptInfo {
  /** The one begun before; null for the first. */
  public final @Nullable AttemptInfo before;

  /** 1 for the first of its request. */
  public final int number;

  /** Beside one that is slow to be answered. */
  public final boolean copy;

  public final String cluster;
  public final String host;
  public final long startNanos;

  /** What its request had of its time when it began; 0: it has no bound. */
  public long timeLeftNanos;

  /** It has a connection, and its head is on it. */
  public long sentNanos;

  /** The last of its request went to its connection. */
  public long requestEndNanos;

  /** The response's head. */
  public long headNanos;

  /** The last of the response came. */
  public long responseEndNanos;

  public long endNanos;

  /** Of requests that its connection had taken before; 0: it was made for this one. */
  public int earlierRequests;

  /** What its connection speaks; null without one. */
  public @Nullable Protocol protocol;

  /** Of the response; 0 without one. */
  public int status;

  /** Of gRPC; null where none was said. */
  public @Nullable String grpcStatus;

  /** 16 hex digits; null: it has no span of its own. */
  public @Nullable String spanId;

  /** Why it failed, in words; empty: it did not, or was given up. */
  public String failure = "";

  AttemptInfo(
      @Nullable AttemptInfo before,
      int number,
      boolean copy,
      String cluster,
      String host,
      long startNanos) {
    this.before = before;
    this.number = number;
    this.copy = copy;
    this.cluster = cluster;
    this.host = host;
    this.startNanos = startNanos;
  }
}
