package dev.weir.sidecar.listener;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Who came to a port of the app's without mutual TLS where the port takes both: whoever would be
 * refused if it took mutual TLS alone. One step for each connection. Any thread.
 */
final class PlainCallers {
  /** Addresses of one port that are told apart; those that come later count as one. */
  static final int MOST_ADDRESSES = 50;

  private static final int MOST_PORTS = 64;

  /** Of one address: how often it came, and when last by {@link System#nanoTime}. */
  static final class Seen {
    private final AtomicLong connections = new AtomicLong();
    private volatile long lastNanos;

    private void now(long nanos) {
      connections.incrementAndGet();
      lastNanos = nanos;
    }

    long connections() {
      return connections.get();
    }

    long lastNanos() {
      return lastNanos;
    }
  }

  /**
   * Of one port.
   *
   * @param at one of the addresses that were called
   * @param others all of those for whom there was no more room
   */
  record Port(InetSocketAddress at, Map<InetAddress, Seen> callers, Seen others) {}

  private final Map<Integer, Port> ports = new ConcurrentHashMap<>();

  /** A connection from elsewhere; what comes from this machine is the app's own. */
  void came(SocketAddress to, SocketAddress from, long nanos) {
    if (to instanceof InetSocketAddress called
        && from instanceof InetSocketAddress caller
        && !caller.getAddress().isLoopbackAddress()
        && !caller.getAddress().equals(called.getAddress())) {
      Port port = ports.get(called.getPort());
      if (port == null && ports.size() < MOST_PORTS) {
        port =
            ports.computeIfAbsent(
                called.getPort(),
                number -> new Port(called, new ConcurrentHashMap<>(), new Seen()));
      }
      if (port != null) {
        seen(port, caller.getAddress()).now(nanos);
      }
    }
  }

  private static Seen seen(Port port, InetAddress address) {
    Seen known = port.callers.get(address);
    if (known != null) {
      return known;
    }
    return port.callers.size() < MOST_ADDRESSES
        ? port.callers.computeIfAbsent(address, first -> new Seen())
        : port.others;
  }

  /** By number. */
  Map<Integer, Port> ports() {
    return Map.copyOf(ports);
  }
}
