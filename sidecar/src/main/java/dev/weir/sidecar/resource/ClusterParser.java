package dev.weir.sidecar.resource;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.weir.protos.FieldPath;
import dev.weir.protos.extensions.upstreams.v1alpha1.ResilienceOptions;
import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.cluster.Cluster.ConnectionOptions;
import dev.weir.sidecar.config.cluster.Cluster.OutlierDetection;
import dev.weir.sidecar.config.cluster.Cluster.Protocol;
import dev.weir.sidecar.config.cluster.Cluster.RequestedName;
import dev.weir.sidecar.config.cluster.Cluster.RetryBudget;
import dev.weir.sidecar.config.cluster.Cluster.RetryConcurrency;
import dev.weir.sidecar.config.cluster.Cluster.SocketMatch;
import dev.weir.sidecar.config.cluster.Cluster.TcpKeepAlive;
import dev.weir.sidecar.config.cluster.Cluster.Thresholds;
import dev.weir.sidecar.config.cluster.ClusterService;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.config.tls.UpstreamTls;
import dev.weir.sidecar.resource.filter.HttpFilterParsers;
import dev.weir.sidecar.resource.value.Addresses;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.UpstreamConnectionOptions;
import io.envoyproxy.envoy.config.core.v3.BindConfig;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Metadata;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.config.core.v3.SocketOption;
import io.envoyproxy.envoy.config.core.v3.TcpKeepalive;
import io.envoyproxy.envoy.config.core.v3.UpstreamHttpProtocolOptions;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** {@code config.cluster.v3.Cluster}, with Envoy's defaults. */
final class ClusterParser {
  private static final String HTTP_OPTIONS =
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
  private static final String RESILIENCE_OPTIONS = "weir.upstreams.resilience";

  private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final int DEFAULT_MAX_HEADERS = 100;
  private static final Duration DEFAULT_IDLE = Duration.ofHours(1);
  private static final Duration DEFAULT_CLEANUP = Duration.ofSeconds(5);
  private static final int DEFAULT_BUFFER_LIMIT = 1 << 20;

  private static final int SOL_SOCKET = 1;
  private static final int SO_MARK = 36;

  private final TypedConfigs typedConfigs;
  private final TransportSockets transportSockets;
  private final HttpFilterParsers filters;
  private final LoadBalancingParser loadBalancing;
  private final DiscoveryParser discovery;

  ClusterParser(TypedConfigs typedConfigs, HttpFilterParsers filters) {
    this.typedConfigs = typedConfigs;
    this.transportSockets = new TransportSockets(typedConfigs);
    this.filters = filters;
    this.loadBalancing = new LoadBalancingParser(typedConfigs);
    this.discovery = new DiscoveryParser(typedConfigs);
  }

  /** What a cluster says of HTTP, in whichever of the two places it says it. */
  private record Http(
      Protocol protocol,
      Optional<RequestedName> requestedName,
      HttpProtocolOptions common,
      FieldPath path,
      List<HttpFilter> filters) {}

  dev.weir.sidecar.config.cluster.Cluster parse(Cluster proto, FieldPath path) throws Invalid {
    Optional<UpstreamTls> tls =
        proto.hasTransportSocket()
            ? transportSockets.upstream(proto.getTransportSocket(), path.field("transport_socket"))
            : Optional.empty();
    List<SocketMatch> matches =
        transportSockets.matches(
            proto.getTransportSocketMatchesList(), path.field("transport_socket_matches"));
    List<UpstreamTls> allTls =
        Stream.concat(tls.stream(), matches.stream().flatMap(each -> each.tls().stream())).toList();
    boolean always = tls.isPresent() && matches.stream().allMatch(each -> each.tls().isPresent());
    Http http = http(proto, path, always, allTls);
    return new dev.weir.sidecar.config.cluster.Cluster(
        proto.getName(),
        proto.getAltStatName(),
        discovery.parse(proto, path),
        Scalars.duration(
            proto.hasConnectTimeout(),
            proto.getConnectTimeout(),
            DEFAULT_CONNECT_TIMEOUT,
            path.field("connect_timeout")),
        loadBalancing.parse(proto, path),
        http.protocol(),
        http.requestedName(),
        tls,
        matches,
        connection(proto, http, path),
        thresholds(proto.getCircuitBreakers(), path.field("circuit_breakers")),
        proto.hasOutlierDetection()
            ? Optional.of(outliers(proto.getOutlierDetection(), path.field("outlier_detection")))
            : Optional.empty(),
        http.filters(),
        retryBudget(proto, path),
        Scalars.duration(
            proto.hasCleanupInterval(),
            proto.getCleanupInterval(),
            DEFAULT_CLEANUP,
            path.field("cleanup_interval")),
        service(proto.getMetadata()));
  }

  /** What is written there by others is theirs: what does not look like it is none. */
  private static Optional<ClusterService> service(Metadata metadata) {
    Struct struct = metadata.getFilterMetadataMap().get(ClusterService.METADATA);
    if (struct == null) {
      return Optional.empty();
    }
    Value none = Value.getDefaultInstance();
    String name = struct.getFieldsOrDefault("name", none).getStringValue();
    String namespace = struct.getFieldsOrDefault("namespace", none).getStringValue();
    double port = struct.getFieldsOrDefault("port", none).getNumberValue();
    return name.isEmpty()
        ? Optional.empty()
        : Optional.of(new ClusterService(name, namespace, (int) port));
  }

  @SuppressWarnings("deprecation") // The older fields are still written.
  private Http http(Cluster proto, FieldPath path, boolean tls, List<UpstreamTls> allTls)
      throws Invalid {
    Any any = proto.getTypedExtensionProtocolOptionsMap().get(HTTP_OPTIONS);
    if (any == null) {
      return new Http(
          UpstreamProtocolParser.parseOlder(proto, path),
          requestedName(proto.getUpstreamHttpProtocolOptions(), allTls, path),
          proto.getCommonHttpProtocolOptions(),
          path.field("common_http_protocol_options"),
          List.of());
    }
    FieldPath at = path.field("typed_extension_protocol_options").key(HTTP_OPTIONS);
    if (!(typedConfigs.open(any, at)
        instanceof io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions options)) {
      throw new Invalid(at, "must be a " + HTTP_OPTIONS);
    }
    return new Http(
        UpstreamProtocolParser.parse(options, at, tls),
        requestedName(options.getUpstreamHttpProtocolOptions(), allTls, at),
        options.getCommonHttpProtocolOptions(),
        at.field("common_http_protocol_options"),
        filters.upstream(options.getHttpFiltersList(), at.field("http_filters")));
  }

  private static Optional<RequestedName> requestedName(
      UpstreamHttpProtocolOptions proto, List<UpstreamTls> tls, FieldPath path) throws Invalid {
    return UpstreamProtocolParser.requestedName(
        proto, tls, path.field("upstream_http_protocol_options"));
  }

  @SuppressWarnings("deprecation")
  private static ConnectionOptions connection(Cluster proto, Http http, FieldPath path)
      throws Invalid {
    HttpProtocolOptions common = http.common();
    BindConfig bind = proto.getUpstreamBindConfig();
    FieldPath bindPath = path.field("upstream_bind_config");
    return new ConnectionOptions(
        Scalars.duration(
            common.hasIdleTimeout(),
            common.getIdleTimeout(),
            DEFAULT_IDLE,
            http.path().field("idle_timeout")),
        Scalars.clamp(
            common.hasMaxRequestsPerConnection(),
            common.getMaxRequestsPerConnection(),
            Scalars.clamp(proto.getMaxRequestsPerConnection().getValue())),
        Scalars.clamp(
            common.hasMaxHeadersCount(), common.getMaxHeadersCount(), DEFAULT_MAX_HEADERS),
        Scalars.duration(
            common.getMaxConnectionDuration(), http.path().field("max_connection_duration")),
        Scalars.clamp(
            proto.hasPerConnectionBufferLimitBytes(),
            proto.getPerConnectionBufferLimitBytes(),
            DEFAULT_BUFFER_LIMIT),
        bind.hasSourceAddress()
            ? Optional.of(
                Addresses.socketAddress(bind.getSourceAddress(), bindPath.field("source_address")))
            : Optional.empty(),
        mark(bind.getSocketOptionsList(), bindPath.field("socket_options")),
        keepAlive(proto.getUpstreamConnectionOptions()));
  }

  private static Optional<TcpKeepAlive> keepAlive(UpstreamConnectionOptions proto) {
    TcpKeepalive keepAlive = proto.getTcpKeepalive();
    return proto.hasTcpKeepalive()
        ? Optional.of(
            new TcpKeepAlive(
                Scalars.clamp(keepAlive.getKeepaliveProbes().getValue()),
                Scalars.clamp(keepAlive.getKeepaliveTime().getValue()),
                Scalars.clamp(keepAlive.getKeepaliveInterval().getValue())))
        : Optional.empty();
  }

  private static int mark(List<SocketOption> protos, FieldPath path) throws Invalid {
    int mark = 0;
    for (int i = 0; i < protos.size(); i++) {
      SocketOption proto = protos.get(i);
      if (proto.getLevel() != SOL_SOCKET || proto.getName() != SO_MARK || !proto.hasIntValue()) {
        throw new Invalid(
            path.index(i), "must be SO_MARK (level 1, name 36, int_value); no other is supported");
      }
      mark = (int) proto.getIntValue();
    }
    return mark;
  }

  /** The first of a priority counts, as in Envoy. */
  private static Map<Priority, Thresholds> thresholds(CircuitBreakers proto, FieldPath path)
      throws Invalid {
    Map<Priority, Thresholds> thresholds = new EnumMap<>(Priority.class);
    for (int i = 0; i < proto.getThresholdsCount(); i++) {
      CircuitBreakers.Thresholds each = proto.getThresholds(i);
      if (each.getPriority() == RoutingPriority.UNRECOGNIZED) {
        throw new Invalid(
            path.field("thresholds").index(i).field("priority"),
            "has no value " + each.getPriorityValue());
      }
      Priority priority =
          each.getPriority() == RoutingPriority.HIGH ? Priority.HIGH : Priority.DEFAULT;
      thresholds.putIfAbsent(priority, thresholds(each));
    }
    return thresholds;
  }

  private static Thresholds thresholds(CircuitBreakers.Thresholds proto) {
    Thresholds defaults = Thresholds.DEFAULT;
    var budget = proto.getRetryBudget();
    return new Thresholds(
        Scalars.clamp(
            proto.hasMaxConnections(), proto.getMaxConnections(), defaults.maxConnections()),
        Scalars.clamp(
            proto.hasMaxPendingRequests(),
            proto.getMaxPendingRequests(),
            defaults.maxPendingRequests()),
        Scalars.clamp(proto.hasMaxRequests(), proto.getMaxRequests(), defaults.maxRequests()),
        Scalars.clamp(proto.hasMaxRetries(), proto.getMaxRetries(), defaults.maxRetries()),
        proto.hasRetryBudget()
            ? Optional.of(
                new RetryConcurrency(
                    budget.hasBudgetPercent() ? budget.getBudgetPercent().getValue() : 20,
                    Scalars.clamp(
                        budget.hasMinRetryConcurrency(), budget.getMinRetryConcurrency(), 3)))
            : Optional.empty(),
        proto.getTrackRemaining());
  }

  private static OutlierDetection outliers(
      io.envoyproxy.envoy.config.cluster.v3.OutlierDetection proto, FieldPath path) throws Invalid {
    Duration base =
        Scalars.duration(
            proto.hasBaseEjectionTime(),
            proto.getBaseEjectionTime(),
            Duration.ofSeconds(30),
            path.field("base_ejection_time"));
    Duration longest = Duration.ofMinutes(5);
    return new OutlierDetection(
        Scalars.clamp(proto.hasConsecutive5Xx(), proto.getConsecutive5Xx(), 5),
        Scalars.clamp(
            proto.hasConsecutiveGatewayFailure(), proto.getConsecutiveGatewayFailure(), 5),
        Scalars.clamp(
            proto.hasConsecutiveLocalOriginFailure(), proto.getConsecutiveLocalOriginFailure(), 5),
        proto.getSplitExternalLocalOriginErrors(),
        Scalars.clamp(proto.hasEnforcingConsecutive5Xx(), proto.getEnforcingConsecutive5Xx(), 100),
        Scalars.clamp(
            proto.hasEnforcingConsecutiveGatewayFailure(),
            proto.getEnforcingConsecutiveGatewayFailure(),
            0),
        Scalars.clamp(
            proto.hasEnforcingConsecutiveLocalOriginFailure(),
            proto.getEnforcingConsecutiveLocalOriginFailure(),
            100),
        Scalars.duration(
            proto.hasInterval(),
            proto.getInterval(),
            Duration.ofSeconds(10),
            path.field("interval")),
        base,
        Scalars.duration(
            proto.hasMaxEjectionTime(),
            proto.getMaxEjectionTime(),
            base.compareTo(longest) > 0 ? base : longest,
            path.field("max_ejection_time")),
        Scalars.clamp(proto.hasMaxEjectionPercent(), proto.getMaxEjectionPercent(), 10),
        proto.getAlwaysEjectOneHost().getValue());
  }

  private Optional<RetryBudget> retryBudget(Cluster proto, FieldPath path) throws Invalid {
    Any any = proto.getTypedExtensionProtocolOptionsMap().get(RESILIENCE_OPTIONS);
    if (any == null) {
      return Optional.empty();
    }
    FieldPath at = path.field("typed_extension_protocol_options").key(RESILIENCE_OPTIONS);
    if (!(typedConfigs.open(any, at) instanceof ResilienceOptions options)) {
      throw new Invalid(at, "must be a weir.extensions.upstreams.v1alpha1.ResilienceOptions");
    }
    if (!options.hasRetryBudget()) {
      return Optional.empty();
    }
    var budget = options.getRetryBudget();
    if (!Double.isFinite(budget.getAtLeastPerSecond())) {
      throw new Invalid(at.field("retry_budget").field("at_least_per_second"), "must be finite");
    }
    return Optional.of(
        new RetryBudget(
            budget.getShare(),
            Scalars.duration(budget.getOver(), at.field("retry_budget").field("over")),
            budget.getAtLeastPerSecond()));
  }
}
