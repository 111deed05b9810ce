package dev.weir.sidecar.config.cluster;

import dev.weir.sidecar.config.Fetch;
import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.config.tls.UpstreamTls;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * {@code config.cluster.v3.Cluster}.
 *
 * @param requestedName whom a connection calls; empty for what its transport socket says
 * @param tls the transport socket; empty for plaintext
 * @param socketMatches those of endpoints that one of them fits, before {@code tls}
 * @param service whose it is; empty where nobody says so
 */
public record Cluster(
    String name,
    String altStatName,
    Discovery discovery,
    Duration connectTimeout,
    LoadBalancing loadBalancing,
    Protocol protocol,
    Optional<RequestedName> requestedName,
    Optional<UpstreamTls> tls,
    List<SocketMatch> socketMatches,
    ConnectionOptions connection,
    Map<RouteAction.Priority, Thresholds> thresholds,
    Optional<OutlierDetection> outlierDetection,
    List<HttpFilter> upstreamFilters,
    Optional<RetryBudget> retryBudget,
    Duration cleanupInterval,
    Optional<ClusterService> service) {
  public Cluster {
    if (protocol instanceof Protocol.Auto && tls.isEmpty()) {
      throw new IllegalArgumentException("a protocol by ALPN without TLS");
    }
    socketMatches = List.copyOf(socketMatches);
    thresholds = Map.copyOf(thresholds);
    upstreamFilters = List.copyOf(upstreamFilters);
  }

  /** What statistics call it. */
  public String statName() {
    return altStatName.isEmpty() ? name : altStatName;
  }

  /** All that can be, with what is between it and its hosts. */
  public List<UpstreamTls> allTls() {
    return Stream.concat(
            tls.stream(), socketMatches.stream().flatMap(match -> match.tls().stream()))
        .toList();
  }

  /**
   * {@code TransportSocketMatch}: the first counts all of whose criteria an endpoint has.
   *
   * @param tls empty for plaintext
   */
  public record SocketMatch(String name, Map<String, String> criteria, Optional<UpstreamTls> tls) {
    public SocketMatch {
      criteria = Map.copyOf(criteria);
    }

    public boolean fits(Map<String, String> endpoint) {
      return endpoint.entrySet().containsAll(criteria.entrySet());
    }
  }

  /** Where the hosts come from. */
  public sealed interface Discovery
      permits Discovery.Static, Discovery.Eds, Discovery.OriginalDst, DnsDiscovery {
    record Static(ClusterLoadAssignment endpoints) implements Discovery {}

    /** {@code serviceName} defaults to the cluster's name. */
    record Eds(String serviceName, Fetch fetch) implements Discovery {}

    /**
     * The connection's own original destination; a host for each address seen, dropped when unused.
     */
    record OriginalDst() implements Discovery {}
  }

  /** {@code panicThreshold} in percent; 0 is off. */
  public record LoadBalancing(Policy policy, int leastRequestChoices, int panicThreshold) {}

  public enum Policy {
    ROUND_ROBIN,
    LEAST_REQUEST,
    RANDOM,
    /** With ORIGINAL_DST only. */
    CLUSTER_PROVIDED
  }

  /** {@code upstreams.http.v3.HttpProtocolOptions}. */
  public sealed interface Protocol {
    record Http1() implements Protocol {}

    record Http2(Http2Options options) implements Protocol {}

    /** As the request came. */
    record UseDownstream(Http2Options options) implements Protocol {}

    /** What ALPN agrees on, HTTP/2 rather than HTTP/1.1; with TLS only. */
    record Auto(Http2Options options) implements Protocol {}
  }

  /**
   * {@code UpstreamHttpProtocolOptions}: a connection calls the host that its requests are for.
   *
   * @param sni its name is the server name that TLS sends
   * @param sanValidation the peer's certificate must be for it
   * @param header names it, in requests that have this, in place of the authority; empty for none
   */
  public record RequestedName(boolean sni, boolean sanValidation, String header) {}

  /**
   * @param idleTimeout of a pooled connection, default 1 h, zero is off
   * @param maxRequests per connection, 0 is no limit
   * @param maxResponseHeaders {@code max_headers_count}, default 100
   * @param maxDuration after which a connection takes no further requests, zero is off
   * @param mark {@code SO_MARK} set on upstream sockets by {@code
   *     upstream_bind_config.socket_options}, 0 is none
   */
  public record ConnectionOptions(
      Duration idleTimeout,
      int maxRequests,
      int maxResponseHeaders,
      Duration maxDuration,
      int bufferLimit,
      Optional<SocketAddress> source,
      int mark,
      Optional<TcpKeepAlive> tcpKeepAlive) {}

  /** {@code core.v3.TcpKeepalive}; zero is the system's own. Whole seconds. */
  public record TcpKeepAlive(int probes, int idleSeconds, int intervalSeconds) {}

  /** {@code CircuitBreakers.Thresholds}; Envoy's defaults are 1024, 1024, 1024 and 3. */
  public record Thresholds(
      int maxConnections,
      int maxPendingRequests,
      int maxRequests,
      int maxRetries,
      Optional<RetryConcurrency> retryBudget,
      boolean trackRemaining) {
    public static final Thresholds DEFAULT =
        new Thresholds(1024, 1024, 1024, 3, Optional.empty(), false);
  }

  /**
   * {@code CircuitBreakers.Thresholds.RetryBudget}: retries at once as a share of the active
   * requests.
   */
  public record RetryConcurrency(double percent, int minConcurrency) {}

  /**
   * Weir's budget: each first attempt deposits {@code share} (0 to 1) of a token, each retry costs
   * one, {@code atLeastPerSecond} come on top; {@code over} bounds what can be saved up.
   */
  public record RetryBudget(double share, Duration over, double atLeastPerSecond) {}

  /** {@code OutlierDetection}; a consecutive count of 0 is off. */
  public record OutlierDetection(
      int consecutive5xx,
      int consecutiveGatewayFailure,
      int consecutiveLocalOriginFailure,
      boolean splitExternalLocalOrigin,
      int enforcingConsecutive5xx,
      int enforcingConsecutiveGatewayFailure,
      int enforcingConsecutiveLocalOriginFailure,
      Duration interval,
      Duration baseEjection,
      Duration maxEjection,
      int maxEjectionPercent,
      boolean alwaysEjectOneHost) {}
}
