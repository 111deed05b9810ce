package dev.weir.sidecar.filter;

import java.util.function.Supplier;

/** The host of an attempt, as filters see it: something to keep a state for. Any thread. */
public interface UpstreamHost {
  /** No longer in its cluster; requests that it still has go on. */
  boolean removed();

  /**
   * What {@code owner} keeps about this host, made at first use; it goes with the host.
   *
   * @param owner whose equality is its identity
   */
  <T> T state(Object owner, Supplier<T> make);

  /** Forgets what {@code owner} keeps. */
  void forget(Object owner);
}
