package dev.weir.sidecar.resource;

import com.google.protobuf.Message;
import dev.weir.protos.FieldPath;
import dev.weir.sidecar.config.SocketAddress;
import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.config.listener.FilterChain.FilterChainMatch;
import dev.weir.sidecar.config.listener.Instances;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.Listener.ListenerFilters;
import dev.weir.sidecar.config.listener.ListenerTelemetry;
import dev.weir.sidecar.config.listener.OnDemand;
import dev.weir.sidecar.config.listener.TrafficDirection;
import dev.weir.sidecar.resource.value.Addresses;
import dev.weir.sidecar.resource.value.Invalid;
import dev.weir.sidecar.resource.value.OtlpServices;
import dev.weir.sidecar.resource.value.Scalars;
import dev.weir.sidecar.resource.value.TypedConfigs;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** {@code config.listener.v3.Listener}. */
final class ListenerParser {
  private static final int DEFAULT_BUFFER_LIMIT = 1 << 20;
  private static final Duration DEFAULT_LISTENER_FILTERS_TIMEOUT = Duration.ofSeconds(15);

  private static final Duration DEFAULT_ON_DEMAND_TIMEOUT = Duration.ofSeconds(2);

  private final TypedConfigs typedConfigs;
  private final FilterChainParser chains;

  ListenerParser(TypedConfigs typedConfigs, FilterChainParser chains) {
    this.typedConfigs = typedConfigs;
    this.chains = chains;
  }

  Listener parse(io.envoyproxy.envoy.config.listener.v3.Listener proto, FieldPath path)
      throws Invalid {
    refuseOthers(proto, path);
    SocketAddress address = Addresses.literal(proto.getAddress(), path.field("address"));
    int bufferLimit =
        Scalars.clamp(
            proto.hasPerConnectionBufferLimitBytes(),
            proto.getPerConnectionBufferLimitBytes(),
            DEFAULT_BUFFER_LIMIT);
    if (bufferLimit == 0) {
      throw new Invalid(path.field("per_connection_buffer_limit_bytes"), "must be above 0");
    }
    return new Listener(
        proto.getName().isEmpty() ? address.toString() : proto.getName(),
        address,
        switch (proto.getTrafficDirection()) {
          case UNSPECIFIED -> TrafficDirection.UNSPECIFIED;
          case INBOUND -> TrafficDirection.INBOUND;
          case OUTBOUND -> TrafficDirection.OUTBOUND;
          case UNRECOGNIZED ->
              throw new Invalid(
                  path.field("traffic_direction"),
                  "has no value " + proto.getTrafficDirectionValue());
        },
        !proto.hasBindToPort() || proto.getBindToPort().getValue(),
        proto.getUseOriginalDst().getValue(),
        listenerFilters(proto, path),
        filterChains(proto, path.field("filter_chains")),
        proto.hasDefaultFilterChain()
            ? Optional.of(
                chains.parse(
                    proto.getDefaultFilterChain(), "#default", path.field("default_filter_chain")))
            : Optional.empty(),
        bufferLimit,
        Scalars.clamp(proto.hasTcpBacklogSize(), proto.getTcpBacklogSize(), 0));
  }

  private static void refuseOthers(
      io.envoyproxy.envoy.config.listener.v3.Listener proto, FieldPath path) throws Invalid {
    if (proto.hasApiListener()) {
      throw new Invalid(path.field("api_listener"), "is for clients without a sidecar");
    }
    if (proto.hasFilterChainMatcher()) {
      throw new Invalid(path.field("filter_chain_matcher"), "is not supported");
    }
    if (proto.hasUdpListenerConfig()) {
      throw new Invalid(path.field("udp_listener_config"), "is not supported");
    }
    if (proto.hasInternalListener()) {
      throw new Invalid(path.field("internal_listener"), "is not supported");
    }
    if (proto.getAdditionalAddressesCount() > 0) {
      throw new Invalid(path.field("additional_addresses"), "is not supported");
    }
  }

  private List<FilterChain> filterChains(
      io.envoyproxy.envoy.config.listener.v3.Listener proto, FieldPath path) throws Invalid {
    if (proto.getFilterChainsCount() == 0 && !proto.hasDefaultFilterChain()) {
      throw new Invalid(path, "must have an entry, or default_filter_chain be set");
    }
    List<FilterChain> parsed = new ArrayList<>();
    Set<String> names = new HashSet<>();
    Map<FilterChainMatch, String> matches = new HashMap<>();
    for (int i = 0; i < proto.getFilterChainsCount(); i++) {
      FilterChain chain = chains.parse(proto.getFilterChains(i), "#" + i, path.index(i));
      // Names need not differ, and istiod's do not: Envoy tells chains apart by what they match.
      for (int same = i; !names.add(chain.name()); same++) {
        chain = chain.named(chain.name() + "#" + same);
      }
      String other = matches.putIfAbsent(chain.match(), chain.name());
      if (other != null) {
        throw new Invalid(
            path.index(i).field("filter_chain_match"), "is that of \"" + other + "\" too");
      }
      parsed.add(chain);
    }
    return parsed;
  }

  private ListenerFilters listenerFilters(
      io.envoyproxy.envoy.config.listener.v3.Listener proto, FieldPath path) throws Invalid {
    // As Envoy: use_original_dst brings the listener filter with it.
    boolean originalDst = proto.getUseOriginalDst().getValue();
    boolean tlsInspector = false;
    boolean httpInspector = false;
    Optional<OnDemand> onDemand = Optional.empty();
    Optional<Instances> instances = Optional.empty();
    Optional<ListenerTelemetry> telemetry = Optional.empty();
    for (int i = 0; i < proto.getListenerFiltersCount(); i++) {
      FieldPath at = path.field("listener_filters").index(i).field("typed_config");
      Message content = typedConfigs.open(proto.getListenerFilters(i).getTypedConfig(), at);
      switch (content) {
        case OriginalDst _ -> originalDst = true;
        case TlsInspector _ -> tlsInspector = true;
        case HttpInspector _ -> httpInspector = true;
        case dev.weir.protos.extensions.filters.listener.on_demand.v1alpha1.OnDemand filter ->
            onDemand = Optional.of(onDemand(filter, at));
        case dev.weir.protos.extensions.filters.listener.instances.v1alpha1.Instances filter ->
            instances = Optional.of(instances(filter, at));
        case dev.weir.protos.extensions.filters.listener.telemetry.v1alpha1.ListenerTelemetry
                filter ->
            telemetry = Optional.of(telemetry(filter, at));
        default ->
            throw new Invalid(
                at, "there is no listener filter for " + TypedConfigs.nameOf(content));
      }
    }
    return new ListenerFilters(
        originalDst,
        tlsInspector,
        httpInspector,
        Scalars.duration(
            proto.hasListenerFiltersTimeout(),
            proto.getListenerFiltersTimeout(),
            DEFAULT_LISTENER_FILTERS_TIMEOUT,
            path.field("listener_filters_timeout")),
        proto.getContinueOnListenerFiltersTimeout(),
        onDemand,
        instances,
        telemetry);
  }

  private static ListenerTelemetry telemetry(
      dev.weir.protos.extensions.filters.listener.telemetry.v1alpha1.ListenerTelemetry proto,
      FieldPath path)
      throws Invalid {
    Set<String> redacted =
        proto.getRedactedHeadersList().stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .collect(Collectors.toSet());
    return new ListenerTelemetry(
        proto.hasMetrics()
            ? Optional.of(metrics(proto.getMetrics(), path.field("metrics")))
            : Optional.empty(),
        redacted);
  }

  private static ListenerTelemetry.Metrics metrics(
      dev.weir.protos.extensions.filters.listener.telemetry.v1alpha1.ListenerTelemetry.Metrics
          proto,
      FieldPath path)
      throws Invalid {
    return new ListenerTelemetry.Metrics(
        proto.hasGrpcService()
            ? OtlpServices.grpc(proto.getGrpcService(), path.field("grpc_service"))
            : OtlpServices.http(proto.getHttpService(), path.field("http_service")),
        Scalars.duration(true, proto.getInterval(), Duration.ZERO, path.field("interval")),
        proto.getResourceAttributesMap());
  }

  private static Instances instances(
      dev.weir.protos.extensions.filters.listener.instances.v1alpha1.Instances proto,
      FieldPath path)
      throws Invalid {
    List<Instances.Service> services = new ArrayList<>();
    for (int i = 0; i < proto.getServicesCount(); i++) {
      var service = proto.getServices(i);
      Addresses.parse(service.getAddress(), path.field("services").index(i).field("address"));
      services.add(
          new Instances.Service(
              service.getClustersList(),
              new SocketAddress.Ip(service.getAddress(), service.getPort())));
    }
    return new Instances(services);
  }

  private static OnDemand onDemand(
      dev.weir.protos.extensions.filters.listener.on_demand.v1alpha1.OnDemand proto, FieldPath path)
      throws Invalid {
    return new OnDemand(
        Addresses.ranges(proto.getRangesList(), path.field("ranges")),
        Scalars.duration(
            proto.hasTimeout(),
            proto.getTimeout(),
            DEFAULT_ON_DEMAND_TIMEOUT,
            path.field("timeout")));
  }
}
