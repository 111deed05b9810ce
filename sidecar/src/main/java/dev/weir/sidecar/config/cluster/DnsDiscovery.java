package dev.weir.sidecar.config.cluster;

import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Endpoint;
import dev.weir.sidecar.config.cluster.ClusterLoadAssignment.Health;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A cluster of type STRICT_DNS or LOGICAL_DNS: what is looked up, and how.
 *
 * @param names one of a LOGICAL cluster
 * @param overprovisioning as {@link ClusterLoadAssignment}'s
 * @param waitForWarm {@code wait_for_warm_on_init}: the cluster waits for its first lookups
 */
public record DnsDiscovery(
    Type type,
    List<Name> names,
    int overprovisioning,
    Family family,
    Refresh refresh,
    Resolver resolver,
    boolean waitForWarm)
    implements Cluster.Discovery {
  public DnsDiscovery {
    names = List.copyOf(names);
    if (type == Type.LOGICAL && names.size() != 1) {
      throw new IllegalArgumentException("LOGICAL_DNS with " + names.size() + " names");
    }
  }

  public enum Type {
    /** Each address of each name is a host. */
    STRICT,
    /** The first address is where the one host is, for connections that are new. */
    LOGICAL
  }

  /** {@code dns_lookup_family}. */
  public enum Family {
    /** IPv6, and IPv4 where there is none. */
    AUTO,
    V4_ONLY,
    V6_ONLY,
    V4_PREFERRED,
    ALL
  }

  /**
   * What an endpoint says beside its addresses.
   *
   * @param host a name, or an IP literal, which is never looked up
   */
  public record Name(
      String host,
      int port,
      int weight,
      Health health,
      int priority,
      String zone,
      Map<String, String> transport) {
    public Name {
      transport = Map.copyOf(transport);
    }

    public Name(String host, int port, int weight, Health health, int priority, String zone) {
      this(host, port, weight, health, priority, zone, Map.of());
    }

    /** The endpoint at one of its addresses, an IP literal. */
    public Endpoint at(String address) {
      return new Endpoint(
          new SocketAddress.Ip(address, port), weight, health, priority, zone, transport);
    }

    @Override
    public String toString() {
      return host + ":" + port;
    }
  }

  /**
   * How long after a lookup the next one begins.
   *
   * @param rate default 5 s
   * @param onFailure empty: {@code rate}
   * @param respectTtl the answer's time to live counts in place of {@code rate}, unless it is zero
   * @param jitter up to as much is added, at random
   */
  public record Refresh(
      Duration rate, Optional<Backoff> onFailure, boolean respectTtl, Duration jitter) {}

  /**
   * {@code RefreshRate}: at random, up to {@code base}, twice of it, and so on up to {@code max}.
   */
  public record Backoff(Duration base, Duration max) {}

  /**
   * Whom to ask.
   *
   * @param servers empty: those of the system
   * @param searchDomains whether the system's are tried
   * @param timeout of one question, default 5 s
   * @param tries questions of one kind about one name, default 4
   */
  public record Resolver(
      List<SocketAddress.Ip> servers, boolean searchDomains, Duration timeout, int tries) {
    public Resolver {
      servers = List.copyOf(servers);
    }
  }
}
