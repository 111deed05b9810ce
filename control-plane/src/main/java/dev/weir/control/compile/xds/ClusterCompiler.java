package dev.weir.control.compile.xds;

import com.google.protobuf.Struct;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.Value;
import dev.weir.control.compile.Diagnostics;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Mesh;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.model.AuthenticationSpec;
import dev.weir.control.model.CircuitBreaker;
import dev.weir.control.model.Endpoint;
import dev.weir.control.model.Port;
import dev.weir.control.model.ResilienceSpec;
import dev.weir.control.model.Retry;
import dev.weir.control.model.ServicePort;
import dev.weir.control.policy.Policies;
import dev.weir.control.policy.PolicyIndex.Held;
import dev.weir.protos.extensions.upstreams.v1alpha1.ResilienceOptions;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers.Thresholds;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.CommonLbConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.LbPolicy;
import io.envoyproxy.envoy.config.core.v3.BindConfig;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.SocketOption;
import io.envoyproxy.envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.UseDownstreamHttpConfig;
import io.envoyproxy.envoy.type.v3.Percent;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Where calls go: clusters with what protects the caller. */
final class ClusterCompiler {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);

  /** Far away, and a packet may be lost. */
  private static final Duration CONNECT_OUTSIDE_TIMEOUT = Duration.ofSeconds(5);

  /** No limit unless someone asks for one; Envoy's own default is 1024. */
  private static final int UNLIMITED = Integer.MAX_VALUE;

  /** Real Envoy counts retries at once; so many are allowed whatever the share. */
  private static final int MIN_RETRIES_AT_ONCE = 3;

  /** Tells the calls that a sidecar makes for others apart from those of its app. */
  private static final String INBOUND_SOURCE = "127.0.0.6";

  /** The metadata by which a sidecar knows whose a cluster is. */
  private static final String SERVICE = "weir.service";

  private static final int SOL_SOCKET = 1;
  private static final int SO_MARK = 36;

  private final ProxyKind kind;
  private final Mesh mesh;
  private final Diagnostics diagnostics;

  ClusterCompiler(ProxyKind kind, Mesh mesh, Diagnostics diagnostics) {
    this.kind = kind;
    this.mesh = mesh;
    this.diagnostics = diagnostics;
  }

  /**
   * A port of a service.
   *
   * @param bytes the other one of a port of which nobody says what it is: {@link
   *     Names#outboundBytes}
   * @param external the name that it leads to, and the port there; absent: to instances
   * @param routed a breaker that some route to it has of its own
   */
  Cluster outbound(
      ServicePort port,
      Port.Protocol protocol,
      boolean bytes,
      Optional<Endpoint> external,
      Policies policies,
      Optional<Held<ResilienceSpec, CircuitBreaker>> routed) {
    Cluster.Builder cluster =
        of(port, base(bytes ? Names.outboundBytes(port) : Names.outbound(port)));
    external.ifPresentOrElse(
        leads -> byDns(cluster, leads),
        () -> cluster.setType(DiscoveryType.EDS).setEdsClusterConfig(eds(port, bytes)));
    if (external.isPresent() && !bytes && protocol != Port.Protocol.TCP) {
      mesh.model()
          .backendTls(port)
          .ifPresent(tls -> {
            policies.use("BackendTLSPolicy", tls.policy());
            cluster.setTransportSocket(ServerTls.to(tls));
          });
    }
    if (external.isEmpty() && speaksMutualTls(port, policies)) {
      cluster.addAllTransportSocketMatches(
          MutualTls.upstream(port, bytes || protocol == Port.Protocol.TCP, mesh));
    }
    cluster
        // Not all of gRPC's libraries know the other one.
        .setLbPolicy(kind.proxyless() ? LbPolicy.ROUND_ROBIN : LbPolicy.LEAST_REQUEST)
        .setCommonLbConfig(
            CommonLbConfig.newBuilder().setHealthyPanicThreshold(Percent.getDefaultInstance()));
    Retry.Budget budget =
        policies.retry(port, Optional.empty()).map(Retry::budget).orElse(Retry.Budget.DEFAULT);
    cluster.setCircuitBreakers(CircuitBreakers.newBuilder().addThresholds(thresholds(budget)));
    policies
        .outlierDetection(port)
        .ifPresent(held ->
            cluster.setOutlierDetection(OutlierCompiler.outlier(held.value(), kind.weir())));
    if (bytes || protocol == Port.Protocol.TCP) {
      return cluster.build();
    }
    Optional<Held<ResilienceSpec, CircuitBreaker>> breaker = policies.circuitBreaker(port);
    HttpProtocolOptions.Builder options = protocolOptions(protocol);
    if (kind.takes(Extension.CIRCUIT_BREAKER)) {
      upstreamFilters(breaker, routed).forEach(options::addHttpFilters);
      routed.ifPresent(held -> policies.use("ResiliencePolicy", held.policy().name()));
    } else {
      breaker
          .flatMap(
              held -> OutlierCompiler.nearest(held, cluster.hasOutlierDetection(), diagnostics))
          .ifPresent(cluster::setOutlierDetection);
    }
    options(cluster, options.build());
    if (kind.takes(Extension.RESILIENCE_OPTIONS)) {
      cluster.putTypedExtensionProtocolOptions(
          Extension.RESILIENCE_OPTIONS.key(), Protos.any(resilience(budget)));
    }
    return cluster.build();
  }

  private static EdsClusterConfig eds(ServicePort port, boolean bytes) {
    EdsClusterConfig.Builder eds = EdsClusterConfig.newBuilder().setEdsConfig(Protos.ads());
    if (bytes) {
      eds.setServiceName(Names.outbound(port));
    }
    return eds.build();
  }

  /** A port that takes mutual TLS is spoken to by it wherever the endpoint can. */
  boolean speaksMutualTls(ServicePort port, Policies policies) {
    return kind.takes(Extension.WORKLOAD_IDENTITY)
        && policies.mtls(port).mode() != AuthenticationSpec.Mtls.Mode.DISABLED;
  }

  /**
   * All addresses that the name has are hosts, so that one that fails is left for another. gRPC's
   * libraries know names of one host alone (gRFC A37).
   */
  @SuppressWarnings("deprecation") // what came in its place not all clients know
  private void byDns(Cluster.Builder cluster, Endpoint leads) {
    cluster
        .setType(kind.proxyless() ? DiscoveryType.LOGICAL_DNS : DiscoveryType.STRICT_DNS)
        .setConnectTimeout(Protos.duration(CONNECT_OUTSIDE_TIMEOUT))
        .setDnsLookupFamily(Cluster.DnsLookupFamily.V4_PREFERRED)
        .setRespectDnsTtl(true)
        .setLoadAssignment(EndpointCompiler.assignment(cluster.getName(), List.of(leads)));
  }

  /** The app beside the sidecar. */
  Cluster inbound(ServicePort port, Port target, Policies policies) {
    String name = Names.inbound(port);
    Thresholds.Builder thresholds = thresholds(Retry.Budget.DEFAULT).toBuilder();
    if (target.protocol() != Port.Protocol.TCP && !kind.takes(Extension.BULKHEAD)) {
      policies
          .concurrency(port)
          .map(held -> BulkheadCompiler.nearest(held, diagnostics))
          .orElse(OptionalInt.empty())
          .ifPresent(most -> thresholds.setMaxRequests(Protos.uint32(most)));
    }
    Cluster.Builder cluster =
        of(port, base(name))
            .setType(DiscoveryType.STATIC)
            .setCircuitBreakers(CircuitBreakers.newBuilder().addThresholds(thresholds))
            .setLoadAssignment(
                EndpointCompiler.assignment(
                    name, List.of(new Endpoint("127.0.0.1", target.targetPort()))));
    if (target.protocol() != Port.Protocol.TCP) {
      options(cluster, protocolOptions(target.protocol()).build());
    }
    return cluster.build();
  }

  /** What is of no service goes on to where it was going. */
  Cluster passthrough() {
    return originalDestination(Names.PASSTHROUGH)
        .setConnectTimeout(Protos.duration(CONNECT_OUTSIDE_TIMEOUT))
        .build();
  }

  /** Where the keys of a token issuer are fetched from. */
  Cluster keys(String uri) {
    return KeyServers.of(
        uri,
        base(KeyServers.outside(uri)).setConnectTimeout(Protos.duration(CONNECT_OUTSIDE_TIMEOUT)));
  }

  /** One that leads to nobody: connections are closed. */
  Cluster nowhere(String name) {
    return base(name)
        .setType(DiscoveryType.STATIC)
        .setLoadAssignment(EndpointCompiler.assignment(name, List.of()))
        .build();
  }

  /** The same for requests. */
  Cluster nobody(String name) {
    Cluster.Builder cluster = nowhere(name).toBuilder();
    options(cluster, protocolOptions(Port.Protocol.HTTP2).build());
    return cluster.build();
  }

  Cluster inboundPassthrough() {
    Cluster.Builder cluster = originalDestination(Names.INBOUND_PASSTHROUGH);
    cluster
        .getUpstreamBindConfigBuilder()
        .setSourceAddress(SocketAddress.newBuilder().setAddress(INBOUND_SOURCE).setPortValue(0));
    return cluster.build();
  }

  private Cluster.Builder originalDestination(String name) {
    return base(name)
        .setType(DiscoveryType.ORIGINAL_DST)
        .setLbPolicy(LbPolicy.CLUSTER_PROVIDED)
        .setCircuitBreakers(
            CircuitBreakers.newBuilder().addThresholds(thresholds(Retry.Budget.DEFAULT)));
  }

  /** Whose it is, for those who tell of calls. */
  private Cluster.Builder of(ServicePort port, Cluster.Builder cluster) {
    if (!kind.proxyless()) {
      cluster.setMetadata(
          Metadata.newBuilder()
              .putFilterMetadata(
                  SERVICE,
                  Struct.newBuilder()
                      .putFields("name", Protos.text(port.service().name()))
                      .putFields("namespace", Protos.text(port.service().namespace()))
                      .putFields("port", Value.newBuilder().setNumberValue(port.port()).build())
                      .build()));
    }
    return cluster;
  }

  private Cluster.Builder base(String name) {
    Cluster.Builder cluster =
        Cluster.newBuilder().setName(name).setConnectTimeout(Protos.duration(CONNECT_TIMEOUT));
    if (kind.mark() != 0) {
      cluster.setUpstreamBindConfig(
          BindConfig.newBuilder()
              .addSocketOptions(
                  SocketOption.newBuilder()
                      .setDescription("SO_MARK")
                      .setLevel(SOL_SOCKET)
                      .setName(SO_MARK)
                      .setIntValue(kind.mark())
                      .setState(SocketOption.SocketState.STATE_PREBIND)));
    }
    return cluster;
  }

  private Thresholds thresholds(Retry.Budget budget) {
    UInt32Value unlimited = Protos.uint32(UNLIMITED);
    Thresholds.Builder thresholds =
        Thresholds.newBuilder()
            .setMaxConnections(unlimited)
            .setMaxPendingRequests(unlimited)
            .setMaxRequests(unlimited)
            .setMaxRetries(unlimited);
    if (!kind.takes(Extension.RESILIENCE_OPTIONS)) {
      thresholds.setRetryBudget(
          Thresholds.RetryBudget.newBuilder()
              .setBudgetPercent(Percent.newBuilder().setValue(budget.share().share() * 100))
              .setMinRetryConcurrency(Protos.uint32(MIN_RETRIES_AT_ONCE)));
    }
    return thresholds.build();
  }

  private static ResilienceOptions resilience(Retry.Budget budget) {
    return ResilienceOptions.newBuilder()
        .setRetryBudget(
            ResilienceOptions.RetryBudget.newBuilder()
                .setShare(budget.share().share())
                .setOver(Protos.duration(budget.over()))
                .setAtLeastPerSecond(budget.atLeast().perSecond()))
        .build();
  }

  /**
   * The breaker, then the codec, which is always the last. A breaker that only routes have is off
   * until a route turns it on.
   */
  private static List<HttpFilter> upstreamFilters(
      Optional<Held<ResilienceSpec, CircuitBreaker>> breaker,
      Optional<Held<ResilienceSpec, CircuitBreaker>> routed) {
    return breaker.or(() -> routed).stream()
        .flatMap(held ->
            Stream.of(
                HttpFilter.newBuilder()
                    .setName(Extension.CIRCUIT_BREAKER.key())
                    .setTypedConfig(Protos.any(BreakerCompiler.breaker(held)))
                    .setDisabled(breaker.isEmpty())
                    .build(),
                HttpFilter.newBuilder()
                    .setName("envoy.filters.http.upstream_codec")
                    .setTypedConfig(Protos.any(UpstreamCodec.getDefaultInstance()))
                    .build()))
        .toList();
  }

  private static HttpProtocolOptions.Builder protocolOptions(Port.Protocol protocol) {
    return switch (protocol) {
      case HTTP2 ->
          HttpProtocolOptions.newBuilder()
              .setCommonHttpProtocolOptions(HeadLimits.BY_BYTES)
              .setExplicitHttpConfig(
                  ExplicitHttpConfig.newBuilder()
                      .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()));
      case HTTP, AUTO, TCP ->
          HttpProtocolOptions.newBuilder()
              .setCommonHttpProtocolOptions(HeadLimits.BY_BYTES)
              .setUseDownstreamProtocolConfig(
                  UseDownstreamHttpConfig.newBuilder()
                      .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance())
                      .setHttp2ProtocolOptions(Http2ProtocolOptions.getDefaultInstance()));
    };
  }

  private static void options(Cluster.Builder cluster, HttpProtocolOptions options) {
    cluster.putTypedExtensionProtocolOptions(
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions", Protos.any(options));
  }
}
