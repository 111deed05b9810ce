package dev.weir.control.compile.xds;

import com.google.protobuf.Message;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.model.TelemetrySpec;
import dev.weir.protos.extensions.filters.http.bulkhead.v1alpha1.Bulkhead;
import dev.weir.protos.extensions.filters.http.rate_limit.v1alpha1.RateLimit;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Network filters of a chain. The list of HTTP filters is the same whatever the policies say, but
 * for those that ask a server ({@link ExternalCompiler}): what they do comes with the routes, so
 * that no connection has to end for a policy. Telemetry stands here, because routes are shared by
 * those whose telemetry differs; Weir's sidecar takes it over on open connections.
 */
final class HttpConnectionManagers {
  /** The first and the two after it that a request has without a policy. */
  private static final int CONNECT_ATTEMPTS = 3;

  /** What connections become without a policy's word: web sockets, and what containers speak. */
  private static final List<String> UPGRADES = List.of("websocket", "tcp", "spdy/3.1");

  private final ProxyKind kind;
  private final Telemetry telemetry;
  private final List<AccessLog> requestLogs;
  private final List<AccessLog> connectionLogs;

  HttpConnectionManagers(ProxyKind kind, Telemetry telemetry) {
    this.kind = kind;
    this.telemetry = telemetry;
    this.requestLogs = logs(log -> TelemetryCompiler.requestLogs(log, telemetry.records(), kind));
    this.connectionLogs =
        logs(log -> TelemetryCompiler.connectionLogs(log, telemetry.records(), kind));
  }

  private List<AccessLog> logs(Function<TelemetrySpec.AccessLog, List<AccessLog>> compiled) {
    return telemetry.accessLog().map(compiled).orElse(List.of());
  }

  /**
   * @param byPath whether routes compare paths
   */
  Filter outbound(String name, boolean byPath) {
    return packed(
        manager(
            name, chain(List.of(CorsCompiler.filter(), SessionCompiler.filter())), byPath, true));
  }

  /**
   * @param access the filters that find out who calls, and whether they may
   * @param byPath whether what protects the app compares paths
   * @param gateways whose word of others' certificates is believed
   */
  Filter inbound(String name, List<HttpFilter> access, boolean byPath, Gateways gateways) {
    List<HttpFilter> protection = new ArrayList<>(access);
    protection.add(
        kind.takes(Extension.RATE_LIMIT)
            ? filter(Extension.RATE_LIMIT.key(), RateLimit.getDefaultInstance())
            : filter(RateLimitCompiler.STANDARD_FILTER, RateLimitCompiler.standardFilter()));
    if (kind.takes(Extension.BULKHEAD)) {
      protection.add(filter(Extension.BULKHEAD.key(), Bulkhead.getDefaultInstance()));
    }
    HttpConnectionManager.Builder manager = manager(name, chain(protection), byPath, false);
    gateways.tell(manager);
    return packed(manager);
  }

  /** A gRPC library takes the routes and the last filter of it. */
  static HttpConnectionManager ofLibrary(String routes) {
    return HttpConnectionManager.newBuilder()
        .setStatPrefix(routes)
        .setRds(Rds.newBuilder().setConfigSource(Protos.ads()).setRouteConfigName(routes))
        .addHttpFilters(filter("envoy.filters.http.router", Router.getDefaultInstance()))
        .build();
  }

  Filter tcpProxy(String cluster) {
    return relay(TcpProxy.newBuilder().setStatPrefix(cluster).setCluster(cluster));
  }

  /** To an instance of a service: where one is not reached, the next is tried, as for requests. */
  Filter tcpProxyToService(String statPrefix, List<Streams.Share> shares) {
    TcpProxy.Builder proxy =
        TcpProxy.newBuilder()
            .setStatPrefix(statPrefix)
            .setMaxConnectAttempts(Protos.uint32(CONNECT_ATTEMPTS));
    if (shares.size() == 1) {
      proxy.setCluster(shares.getFirst().cluster());
    } else {
      TcpProxy.WeightedCluster.Builder weighted = proxy.getWeightedClustersBuilder();
      shares.forEach(share ->
          weighted.addClusters(
              TcpProxy.WeightedCluster.ClusterWeight.newBuilder()
                  .setName(share.cluster())
                  .setWeight(share.weight())));
    }
    return relay(proxy);
  }

  private Filter relay(TcpProxy.Builder proxy) {
    proxy.addAllAccessLog(connectionLogs);
    return Filter.newBuilder()
        .setName("envoy.filters.network.tcp_proxy")
        .setTypedConfig(Protos.any(proxy.build()))
        .build();
  }

  /** Trace first, so that everything after it can name it; the router last. */
  private List<HttpFilter> chain(List<HttpFilter> between) {
    List<HttpFilter> chain = new ArrayList<>();
    if (kind.takes(Extension.TRACE_CONTEXT)) {
      chain.add(
          filter(
              Extension.TRACE_CONTEXT.key(),
              TelemetryCompiler.traceContext(
                  telemetry.tracing().orElse(TelemetrySpec.Tracing.DEFAULT))));
    }
    chain.addAll(between);
    chain.add(filter("envoy.filters.http.router", Router.getDefaultInstance()));
    return chain;
  }

  private HttpConnectionManager.Builder manager(
      String name, List<HttpFilter> chain, boolean byPath, boolean outbound) {
    HttpConnectionManager.Builder manager =
        HttpConnectionManager.newBuilder()
            .setStatPrefix(name)
            .setCodecType(HttpConnectionManager.CodecType.AUTO)
            .setRds(Rds.newBuilder().setConfigSource(Protos.ads()).setRouteConfigName(name))
            // A long call is nobody's mistake unless a policy says so.
            .setStreamIdleTimeout(Protos.duration(Duration.ZERO))
            .setCommonHttpProtocolOptions(HeadLimits.BY_BYTES)
            // nginx and others call in it; Weir's own sidecar takes it unasked.
            .setHttpProtocolOptions(Http1ProtocolOptions.newBuilder().setAcceptHttp10(true))
            .setUseRemoteAddress(Protos.bool(false))
            .setSkipXffAppend(true)
            .setServerHeaderTransformation(
                HttpConnectionManager.ServerHeaderTransformation.PASS_THROUGH)
            .setHttp2ProtocolOptions(Http2ProtocolOptions.newBuilder().setAllowConnect(true))
            .addAllHttpFilters(chain);
    for (String protocol : UPGRADES) {
      manager.addUpgradeConfigs(
          HttpConnectionManager.UpgradeConfig.newBuilder().setUpgradeType(protocol));
    }
    if (byPath) {
      // Whatever the spelling of a path, the same routes and limits hold.
      manager
          .setNormalizePath(Protos.bool(true))
          .setMergeSlashes(true)
          .setPathWithEscapedSlashesAction(
              HttpConnectionManager.PathWithEscapedSlashesAction.KEEP_UNCHANGED);
    }
    manager.addAllAccessLog(requestLogs);
    telemetry
        .collector()
        .ifPresent(collector ->
            manager.setTracing(
                TracingCompiler.of(
                    collector,
                    telemetry.tracing().orElse(TelemetrySpec.Tracing.DEFAULT),
                    outbound)));
    return manager;
  }

  private static Filter packed(HttpConnectionManager.Builder manager) {
    return Filter.newBuilder()
        .setName("envoy.filters.network.http_connection_manager")
        .setTypedConfig(Protos.any(manager.build()))
        .build();
  }

  private static HttpFilter filter(String name, Message config) {
    return HttpFilter.newBuilder().setName(name).setTypedConfig(Protos.any(config)).build();
  }
}
