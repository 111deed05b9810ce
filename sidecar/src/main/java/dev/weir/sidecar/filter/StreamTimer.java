package dev.weir.sidecar.filter;

/**
 * One deadline of a stream. Costs a store to move; see {@link dev.weir.sidecar.runtime.LazyTimer}.
 */
public interface StreamTimer {
  /** On the scale of {@link System#nanoTime()}. */
  void set(long nanos);

  void clear();
}
