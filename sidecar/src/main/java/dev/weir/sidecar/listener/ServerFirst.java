package dev.weir.sidecar.listener;

import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Destinations whose servers spoke before their clients did: where it is looked at what a client
 * says, the next connection to one of them is made at once. Any thread.
 */
final class ServerFirst {
  /**
   * How long a client may be silent before its server is connected to: a client that speaks first
   * does so within a round trip.
   */
  static final long SILENCE_NANOS = Duration.ofMillis(50).toNanos();

  /** Over this number all are learned anew. */
  private static final int MOST = 1024;

  private final Set<SocketAddress> known = ConcurrentHashMap.newKeySet();

  void spoke(SocketAddress destination) {
    if (known.size() >= MOST) {
      known.clear();
    }
    known.add(destination);
  }

  void forget(SocketAddress destination) {
    known.remove(destination);
  }

  boolean expectedAt(SocketAddress destination) {
    return known.contains(destination);
  }
}
