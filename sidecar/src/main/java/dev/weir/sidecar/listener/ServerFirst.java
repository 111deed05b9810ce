package dev.weir.sidecar.listener;

import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Destinations whose servers spoke before their clients did: where it is looked at what a client
 * says, the next connection to one of them is made at once. Where a client may want TLS that is
 * known for each client: one that is silent in plain text says nothing of another. Any thread.
 */
final class ServerFirst {
  /**
   * How long a client may be silent before its server is connected to: a client that speaks first
   * does so within a round trip.
   */
  static final long SILENCE_NANOS = Duration.ofMillis(50).toNanos();

  /**
   * How long what a server says is kept back where its client may want TLS: one that has to make a
   * key first, or comes from afar, has said nothing by then.
   */
  static final long HELLO_NANOS = Duration.ofSeconds(1).toNanos();

  /** Over this number all are learned anew. */
  private static final int MOST = 1024;

  /**
   * @param client who calls; null where nobody may want TLS
   */
  record Call(SocketAddress destination, @Nullable InetAddress client) {}

  private final Set<Call> known = ConcurrentHashMap.newKeySet();

  void spoke(Call call) {
    if (known.size() >= MOST) {
      known.clear();
    }
    known.add(call);
  }

  void forget(Call call) {
    known.remove(call);
  }

  boolean expectedAt(Call call) {
    return known.contains(call);
  }
}
