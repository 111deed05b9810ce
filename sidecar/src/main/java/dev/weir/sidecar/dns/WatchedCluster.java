package dev.weir.sidecar.dns;

import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import dev.weir.sidecar.config.cluster.DnsDiscovery;
import dev.weir.sidecar.config.cluster.DnsDiscovery.Name;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The names of one cluster, and the endpoints that they make together: an address that several of
 * them have is an endpoint once, the first name's. Control thread.
 */
final class WatchedCluster {
  private final String cluster;
  private final DnsDiscovery dns;
  private final UpdateStats stats;
  private final List<WatchedName> names;
  private final Runnable changed;
  private ClusterLoadAssignment endpoints;
  private boolean overdue;

  /**
   * @param stats of its names, which end with it
   * @param watch makes the watch of a name, which is to run what it is given at changes
   * @param changed told when {@link #isReady} or {@link #endpoints} may say something new
   */
  WatchedCluster(
      String cluster,
      DnsDiscovery dns,
      UpdateStats stats,
      BiFunction<Name, Runnable, WatchedName> watch,
      Runnable changed) {
    this.cluster = cluster;
    this.dns = dns;
    this.stats = stats;
    this.changed = changed;
    this.names = dns.names().stream().map(name -> watch.apply(name, this::look)).toList();
    this.endpoints = collect();
  }

  void start() {
    names.forEach(WatchedName::start);
  }

  private void look() {
    ClusterLoadAssignment now = collect();
    if (!now.equals(endpoints)) {
      endpoints = now;
    }
    changed.run();
  }

  private ClusterLoadAssignment collect() {
    Map<SocketAddress, Endpoint> byAddress = new LinkedHashMap<>();
    for (WatchedName name : names) {
      name.endpoints().forEach(endpoint -> byAddress.putIfAbsent(endpoint.address(), endpoint));
    }
    return new ClusterLoadAssignment(
        cluster, List.copyOf(byAddress.values()), dns.overprovisioning());
  }

  /** The same object as long as nothing has changed. */
  ClusterLoadAssignment endpoints() {
    return endpoints;
  }

  /** It is not waited for any longer. */
  void giveUp() {
    if (!isReady()) {
      overdue = true;
      changed.run();
    }
  }

  boolean isReady() {
    return overdue || !dns.waitForWarm() || names.stream().allMatch(WatchedName::looked);
  }

  void close() {
    names.forEach(WatchedName::close);
    stats.close();
  }
}
