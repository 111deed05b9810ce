package dev.weir.sidecar.resource;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.config.listener.FilterChain.FilterChainMatch;
import dev.weir.sidecar.config.listener.FilterChain.SourceType;
import dev.weir.sidecar.config.listener.NetworkFilter;
import dev.weir.sidecar.config.listener.NetworkRbac;
import dev.weir.sidecar.resource.value.Addresses;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * {@code config.listener.v3.FilterChain}. A criterion of its match that is not honoured is refused
 * whatever the field policy is: without it, the chain would take connections that are not its own.
 */
final class FilterChainParser {
  private static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(10);

  private final TypedConfigs typedConfigs;
  private final TransportSockets transportSockets;
  private final HttpConnectionManagerParser httpConnectionManagers;
  private final TcpProxyParser tcpProxies;

  FilterChainParser(
      TypedConfigs typedConfigs,
      HttpConnectionManagerParser httpConnectionManagers,
      TcpProxyParser tcpProxies) {
    this.typedConfigs = typedConfigs;
    this.transportSockets = new TransportSockets(typedConfigs);
    this.httpConnectionManagers = httpConnectionManagers;
    this.tcpProxies = tcpProxies;
  }

  /** {@code place} names a chain without a name. */
  FilterChain parse(
      io.envoyproxy.envoy.config.listener.v3.FilterChain proto, String place, FieldPath path)
      throws Invalid {
    Duration timeout =
        Scalars.duration(
            proto.getTransportSocketConnectTimeout(),
            path.field("transport_socket_connect_timeout"));
    return new FilterChain(
        proto.getName().isEmpty() ? place : proto.getName(),
        match(proto.getFilterChainMatch(), path.field("filter_chain_match")),
        access(proto.getFiltersList(), path.field("filters")),
        filter(proto.getFiltersList(), path.field("filters")),
        proto.hasTransportSocket()
            ? transportSockets.downstream(
                proto.getTransportSocket(), path.field("transport_socket"))
            : Optional.empty(),
        timeout.isZero() ? DEFAULT_CONNECT_TIMEOUT : timeout);
  }

  private List<NetworkRbac> access(List<Filter> protos, FieldPath path) throws Invalid {
    List<NetworkRbac> access = new ArrayList<>();
    for (int i = 0; i < protos.size() - 1; i++) {
      FieldPath at = path.index(i).field("typed_config");
      Message content = typedConfigs.open(protos.get(i).getTypedConfig(), at);
      switch (content) {
        case RBAC rbac -> access.add(NetworkRbacParser.parse(rbac, at));
        case HttpConnectionManager _, TcpProxy _ ->
            throw new Invalid(
                path.index(i + 1),
                "stands after " + TypedConfigs.nameOf(content) + ", which must be the last filter");
        default ->
            throw new Invalid(at, "there is no network filter for " + TypedConfigs.nameOf(content));
      }
    }
    return access;
  }

  private NetworkFilter filter(List<Filter> protos, FieldPath path) throws Invalid {
    if (protos.isEmpty()) {
      throw new Invalid(path, "must have an entry: HttpConnectionManager or TcpProxy");
    }
    FieldPath at = path.index(protos.size() - 1).field("typed_config");
    Message content = typedConfigs.open(protos.getLast().getTypedConfig(), at);
    return switch (content) {
      case HttpConnectionManager manager -> httpConnectionManagers.parse(manager, at);
      case TcpProxy proxy -> tcpProxies.parse(proxy, at);
      case RBAC _ -> throw new Invalid(path, "must end with HttpConnectionManager or TcpProxy");
      default ->
          throw new Invalid(at, "there is no network filter for " + TypedConfigs.nameOf(content));
    };
  }

  private static FilterChainMatch match(
      io.envoyproxy.envoy.config.listener.v3.FilterChainMatch proto, FieldPath path)
      throws Invalid {
    refuseOthers(proto, path);
    List<String> serverNames = new ArrayList<>();
    for (int i = 0; i < proto.getServerNamesCount(); i++) {
      String name = proto.getServerNames(i).toLowerCase(Locale.ROOT);
      // As Envoy: "*.example.com" stands, "*" is no criterion, anything else with a star is
      // refused.
      if (name.lastIndexOf('*') > 0 || (name.startsWith("*") && !name.startsWith("*."))) {
        throw new Invalid(
            path.field("server_names").index(i),
            "\"" + name + "\": a wildcard is the whole first label, as in *.example.com");
      }
      serverNames.add(name);
    }
    return new FilterChainMatch(
        Scalars.clamp(proto.hasDestinationPort(), proto.getDestinationPort(), 0),
        Addresses.ranges(proto.getPrefixRangesList(), path.field("prefix_ranges")),
        serverNames,
        proto.getTransportProtocol(),
        proto.getApplicationProtocolsList(),
        Addresses.ranges(
            proto.getDirectSourcePrefixRangesList(), path.field("direct_source_prefix_ranges")),
        switch (proto.getSourceType()) {
          case ANY -> SourceType.ANY;
          case SAME_IP_OR_LOOPBACK -> SourceType.SAME_IP_OR_LOOPBACK;
          case EXTERNAL -> SourceType.EXTERNAL;
          case UNRECOGNIZED ->
              throw new Invalid(
                  path.field("source_type"), "has no value " + proto.getSourceTypeValue());
        },
        Addresses.ranges(proto.getSourcePrefixRangesList(), path.field("source_prefix_ranges")),
        proto.getSourcePortsList());
  }

  private static void refuseOthers(
      io.envoyproxy.envoy.config.listener.v3.FilterChainMatch proto, FieldPath path)
      throws Invalid {
    if (!proto.getAddressSuffix().isEmpty() || proto.hasSuffixLen()) {
      throw new Invalid(path.field("address_suffix"), "is not supported");
    }
  }
}
