package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The hosts of a cluster of type ORIGINAL_DST: one for each destination that is in use, so that its
 * connections are pooled, forgotten when it is not. Any thread.
 */
final class OriginalHosts {
  /** Destinations at once: clients choose them, so there is a bound. */
  static final int MOST = 8192;

  private static final class Seen {
    private final Host host;
    private volatile long usedNanos;

    Seen(Host host) {
      this.host = host;
    }
  }

  private final Map<InetSocketAddress, Seen> seen = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** Null if there are as many as there may be. */
  @Nullable Host of(InetSocketAddress destination, long nowNanos) {
    Seen known = seen.get(destination);
    if (known == null) {
      if (seen.size() >= MOST) {
        return null;
      }
      known = seen.computeIfAbsent(destination, address -> new Seen(hostAt(address)));
    }
    known.usedNanos = nowNanos;
    if (closed) {
      known.host.remove(); // nobody would: it is for this one request
    }
    return known.host;
  }

  /** A host that nobody keeps. */
  static Host hostAt(InetSocketAddress destination) {
    SocketAddress address =
        new SocketAddress.Ip(destination.getAddress().getHostAddress(), destination.getPort());
    return new Host(new Endpoint(address, 1, ClusterLoadAssignment.Health.HEALTHY, 0, ""));
  }

  /** Forgets, and returns, those without a request that nobody asked for in {@code nanos}. */
  List<Host> forgetUnused(long nowNanos, long nanos) {
    List<Host> gone = new ArrayList<>();
    seen.values()
        .removeIf(each -> {
          boolean unused = each.host.active().get() == 0 && nowNanos - each.usedNanos >= nanos;
          if (unused) {
            each.host.remove();
            gone.add(each.host);
          }
          return unused;
        });
    return gone;
  }

  /** As {@link #forgetAll}, and keeps none from now on. */
  List<Host> close() {
    closed = true;
    return forgetAll();
  }

  /** Forgets, and returns, all. */
  List<Host> forgetAll() {
    List<Host> gone = new ArrayList<>();
    seen.values()
        .removeIf(each -> {
          each.host.remove();
          return gone.add(each.host);
        });
    return gone;
  }
}
