package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.transport.ServerName;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The pools of one protocol: one a host, and one for each name by which a host is called that is
 * not what its transport socket says. Event loop of the pools.
 */
final class HostPools {
  /** So many are never looked through for what has nothing left. */
  private static final int FEW = 64;

  private record Called(Host host, ServerName name) {}

  private final IdentityHashMap<Host, Pool> asConfigured = new IdentityHashMap<>();
  private final Map<Called, Pool> byName = new HashMap<>();
  private int sweepAt = FEW;

  @Nullable Pool get(Host host, @Nullable ServerName called) {
    return called == null ? asConfigured.get(host) : byName.get(new Called(host, called));
  }

  void put(Host host, @Nullable ServerName called, Pool pool) {
    if (called == null) {
      asConfigured.put(host, pool);
    } else {
      sweep();
      byName.put(new Called(host, called), pool);
    }
  }

  void remove(Host host, @Nullable ServerName called) {
    if (called == null) {
      asConfigured.remove(host);
    } else {
      byName.remove(new Called(host, called));
    }
  }

  /**
   * Names are the clients': as many are kept as have connections or requests, which are bounded,
   * and as many again.
   */
  private void sweep() {
    if (byName.size() >= sweepAt) {
      byName.values().removeIf(Pool::empty);
      sweepAt = Math.max(FEW, 2 * byName.size());
    }
  }

  int named() {
    return byName.size();
  }

  /** Drains those of {@code host}, which may go with it. */
  void drain(Host host) {
    Pool configured = asConfigured.get(host);
    if (configured != null) {
      configured.drain();
    }
    if (!byName.isEmpty()) {
      List<Pool> ofHost =
          byName.entrySet().stream()
              .filter(each -> each.getKey().host() == host)
              .map(Map.Entry::getValue)
              .toList();
      ofHost.forEach(Pool::drain);
    }
  }
}
