package dev.weir.sidecar.xds;

import java.util.Collection;

/**
 * Serves subscriptions: it has all resources of a type, or those of the names that its handler
 * wants, brought to the handler, and goes on until it is closed. Control thread.
 */
public interface ResourceSource {
  /** Asks for all there are of {@code type}. Before {@link #start}. */
  void subscribeToAll(ResourceType type);

  void start();

  /** What the handler wants may be another set of names. */
  void wantedChanged();

  /** What is in force already, though this source has not brought it. */
  void inForce(Collection<Resource> resources);

  /** What kept it from connecting may be over: it does not wait any longer. */
  default void retryNow() {}

  void close();
}
