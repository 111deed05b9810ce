package dev.weir.sidecar.pool;

/** A request that waits for a connection. */
public interface Pending {
  /** The callbacks are not called any more. */
  void cancel();
}
