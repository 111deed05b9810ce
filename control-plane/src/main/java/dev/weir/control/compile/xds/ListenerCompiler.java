package dev.weir.control.compile.xds;

import com.google.protobuf.Message;
import dev.weir.control.compile.Extension;
import dev.weir.control.compile.Names;
import dev.weir.control.compile.ProxyKind;
import dev.weir.control.model.AuthenticationSpec.Mtls.Mode;
import dev.weir.control.model.Port;
import dev.weir.control.model.Service;
import dev.weir.control.model.ServicePort;
import dev.weir.protos.extensions.filters.listener.instances.v1alpha1.Instances;
import dev.weir.protos.extensions.filters.listener.on_demand.v1alpha1.OnDemand;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilterChainMatchPredicate;
import io.envoyproxy.envoy.extensions.filters.listener.http_inspector.v3.HttpInspector;
import io.envoyproxy.envoy.extensions.filters.listener.original_dst.v3.OriginalDst;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.envoyproxy.envoy.type.v3.Int32Range;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/** The two virtual listeners that an app's traffic is redirected to. */
final class ListenerCompiler {
  private static final List<String> HTTP = List.of("http/1.0", "http/1.1", "h2c");

  /** Where a server may speak first, it is connected to after this time. */
  private static final Duration ENVOY_WAITS = Duration.ofSeconds(1);

  private final ProxyKind kind;
  private final HttpConnectionManagers managers;

  ListenerCompiler(ProxyKind kind, HttpConnectionManagers managers) {
    this.kind = kind;
    this.managers = managers;
  }

  /** What the app calls: a chain for each port of each service, by its virtual address. */
  Listener outbound(Collection<OutboundPart.Chain> chains, Elsewhere elsewhere) {
    Listener.Builder listener =
        listener(Names.OUTBOUND_LISTENER, kind.ports().outbound(), TrafficDirection.OUTBOUND);
    SortedSet<Integer> lookedAt = new TreeSet<>();
    for (OutboundPart.Chain chain : chains) {
      int port = chain.port().port();
      String name = Names.outbound(chain.port());
      FilterChainMatch match =
          FilterChainMatch.newBuilder()
              .setDestinationPort(Protos.uint32(port))
              .addPrefixRanges(
                  CidrRange.newBuilder()
                      .setAddressPrefix(chain.address())
                      .setPrefixLen(Protos.uint32(32)))
              .build();
      List<Filter> tcp =
          List.of(managers.tcpProxyToService(chain.streams().own(), chain.streams().plain()));
      switch (chain.protocol()) {
        case TCP -> {
          listener.addFilterChains(chain(name, match, tcp));
          if (!chain.streams().named().isEmpty()) {
            byName(name, match, chain.streams(), listener);
            lookedAt.add(port);
          }
        }
        case HTTP, HTTP2 ->
            listener.addFilterChains(
                chain(name, match, List.of(managers.outbound(name, chain.byPath()))));
        case AUTO -> {
          byWhatIsSpoken(
              name, match, List.of(managers.outbound(name, chain.byPath())), tcp, listener);
          byName(name, match, chain.streams(), listener);
          lookedAt.add(port);
        }
      }
    }
    lookAtFirstBytes(lookedAt, true, listener);
    Instances instances = instances(chains);
    if (kind.takes(Extension.INSTANCES) && instances.getServicesCount() > 0) {
      listener.addListenerFilters(
          ListenerFilter.newBuilder()
              .setName(Extension.INSTANCES.key())
              .setTypedConfig(Protos.any(instances)));
    }
    if (!elsewhere.asked().isEmpty()) {
      listener.addListenerFilters(onDemand(elsewhere.asked()));
    }
    if (elsewhere.pass()) {
      listener.setDefaultFilterChain(passthrough(Names.PASSTHROUGH));
    }
    return listener.build();
  }

  private static Instances instances(Collection<OutboundPart.Chain> chains) {
    Instances.Builder instances = Instances.newBuilder();
    for (OutboundPart.Chain chain : chains) {
      if (chain.headless()) {
        instances.addServices(
            Instances.Service.newBuilder()
                .addAllClusters(chain.clusters())
                .setAddress(chain.address())
                .setPort(chain.port().port()));
      }
    }
    return instances.build();
  }

  /** TLS goes by the name that the client gives, where there are routes for that. */
  private void byName(
      String name, FilterChainMatch match, Streams streams, Listener.Builder listener) {
    if (streams.named().isEmpty()) {
      return;
    }
    FilterChainMatch tls = match.toBuilder().setTransportProtocol("tls").build();
    for (Streams.Named named : streams.named()) {
      listener.addFilterChains(
          chain(
              name + "|sni|" + named.hostnames().getFirst(),
              tls.toBuilder().addAllServerNames(named.hostnames()).build(),
              List.of(managers.tcpProxyToService(streams.own(), named.shares()))));
    }
    listener.addFilterChains(
        chain(
            name + "|sni",
            tls,
            List.of(managers.tcpProxyToService(streams.own(), streams.unnamed()))));
  }

  private static ListenerFilter onDemand(SortedSet<String> ranges) {
    OnDemand.Builder config = OnDemand.newBuilder();
    for (String range : ranges) {
      int slash = range.indexOf('/');
      config.addRanges(
          CidrRange.newBuilder()
              .setAddressPrefix(range.substring(0, slash))
              .setPrefixLen(Protos.uint32(Integer.parseInt(range.substring(slash + 1)))));
    }
    return ListenerFilter.newBuilder()
        .setName(Extension.ON_DEMAND.key())
        .setTypedConfig(Protos.any(config.build()))
        .build();
  }

  /**
   * What a gRPC library looks up by the name that it calls; gRFC A27.
   *
   * @param routes the name of the routes
   */
  static Listener ofLibrary(String target, String routes) {
    return Listener.newBuilder()
        .setName(target)
        .setApiListener(
            ApiListener.newBuilder()
                .setApiListener(Protos.any(HttpConnectionManagers.ofLibrary(routes))))
        .build();
  }

  /** What the app takes: by the port its instances listen on. */
  Listener inbound(SortedMap<ServicePort, Port> ports, Taken taken) {
    Listener.Builder listener =
        listener(Names.INBOUND_LISTENER, kind.ports().inbound(), TrafficDirection.INBOUND);
    SortedSet<Integer> lookedAt = new TreeSet<>();
    boolean undeclared = false;
    for (var each : ports.entrySet()) {
      Port.Protocol protocol = each.getValue().protocol();
      boolean tls = mode(taken.mtls(each.getKey())) == Mode.PERMISSIVE;
      if (protocol != Port.Protocol.TCP || tls) {
        lookedAt.add(each.getValue().targetPort());
      }
      undeclared |= protocol == Port.Protocol.AUTO || protocol == Port.Protocol.TCP && tls;
    }
    lookAtFirstBytes(lookedAt, undeclared, listener);
    taken.telemetry().ifPresent(listener::addListenerFilters);
    ports.forEach((port, target) -> chains(port, target, taken, listener));
    if (kind.takes(Extension.WORKLOAD_IDENTITY)) {
      elsewhere(taken, mode(taken.elsewhere()), listener);
    } else {
      listener.setDefaultFilterChain(
          FilterChain.newBuilder()
              .setName(Names.INBOUND_PASSTHROUGH)
              .addAllFilters(
                  relay(taken.access().elsewhere(taken.service()), Names.INBOUND_PASSTHROUGH)));
    }
    return listener.build();
  }

  /** What policies say of what an app takes. */
  interface Taken {
    /** Whether what protects the port compares paths. */
    boolean byPath(ServicePort port);

    Mode mtls(ServicePort port);

    /** On ports that the service does not name. */
    Mode elsewhere();

    InboundAccess access();

    Gateways gateways();

    /** What the sidecar tells whatever is called. */
    Optional<ListenerFilter> telemetry();

    Service service();
  }

  /** Without an identity there is plain text alone. */
  private Mode mode(Mode wanted) {
    return kind.takes(Extension.WORKLOAD_IDENTITY) ? wanted : Mode.DISABLED;
  }

  private void chains(ServicePort port, Port target, Taken taken, Listener.Builder listener) {
    String name = Names.inbound(port);
    FilterChainMatch match =
        FilterChainMatch.newBuilder()
            .setDestinationPort(Protos.uint32(target.targetPort()))
            .build();
    boolean bytes = target.protocol() == Port.Protocol.TCP;
    List<Filter> tcp = relay(taken.access().connections(port, !bytes), name);
    List<Filter> http =
        bytes
            ? tcp
            : List.of(
                managers.inbound(
                    name, taken.access().http(port), taken.byPath(port), taken.gateways()));
    Mode mode = mode(taken.mtls(port));
    if (mode != Mode.DISABLED) {
      FilterChainMatch tls = match.toBuilder().setTransportProtocol("tls").build();
      FilterChainMatch ofBytes =
          tls.toBuilder().addAllApplicationProtocols(MutualTls.BYTES).build();
      listener.addFilterChains(
          mutual(
              name + "|mtls-tcp", ofBytes, target.protocol() == Port.Protocol.AUTO ? tcp : http));
      FilterChainMatch ofHttp =
          mode == Mode.STRICT
              ? tls // Whoever has a certificate may call, if not by a sidecar.
              : tls.toBuilder().addAllApplicationProtocols(MutualTls.HTTP).build();
      listener.addFilterChains(mutual(name + "|mtls", ofHttp, http));
    }
    if (mode == Mode.STRICT) {
      return;
    }
    if (!bytes) {
      byWhatIsSpoken(name, match, http, tcp, listener);
    } else {
      listener.addFilterChains(chain(name, match, tcp));
    }
    if (mode == Mode.PERMISSIVE) {
      // An app's own TLS: beside the mesh's, a chain that does not ask for TLS would not be seen.
      listener.addFilterChains(
          chain(name + "|own-tls", match.toBuilder().setTransportProtocol("tls").build(), tcp));
    }
  }

  /**
   * A port that the service does not name. As a chain of its own, because a default one would also
   * take what no chain of a port that is named takes: plain text where that is refused.
   */
  private void elsewhere(Taken taken, Mode mode, Listener.Builder listener) {
    List<Filter> tcp = relay(taken.access().elsewhere(taken.service()), Names.INBOUND_PASSTHROUGH);
    FilterChainMatch tls =
        FilterChainMatch.newBuilder()
            .setTransportProtocol("tls")
            .addAllApplicationProtocols(MutualTls.BYTES)
            .build();
    if (mode == Mode.STRICT) {
      listener.addFilterChains(mutual(Names.INBOUND_PASSTHROUGH + "|mtls", tls, tcp));
    } else {
      listener.addFilterChains(
          chain(Names.INBOUND_PASSTHROUGH, FilterChainMatch.getDefaultInstance(), tcp));
    }
  }

  private List<Filter> relay(List<Filter> access, String cluster) {
    List<Filter> filters = new ArrayList<>(access);
    filters.add(managers.tcpProxy(cluster));
    return filters;
  }

  private static FilterChain mutual(String name, FilterChainMatch match, List<Filter> filters) {
    return chain(name, match, filters).toBuilder()
        .setTransportSocket(MutualTls.downstream())
        .build();
  }

  /**
   * HTTP where it looks so; TLS, and what else there is, passes as bytes. A chain is looked for
   * step by step and never back: without one of its own, plain text that is not HTTP would be
   * nobody's, because the step before the last leaves the chain of HTTP alone.
   */
  private static void byWhatIsSpoken(
      String name,
      FilterChainMatch match,
      List<Filter> http,
      List<Filter> tcp,
      Listener.Builder listener) {
    FilterChainMatch plain = match.toBuilder().setTransportProtocol("raw_buffer").build();
    FilterChainMatch speaksHttp = plain.toBuilder().addAllApplicationProtocols(HTTP).build();
    listener
        .addFilterChains(chain(name, speaksHttp, http))
        .addFilterChains(chain(name + "|tcp", plain, tcp))
        .addFilterChains(chain(name + "|tls", match, tcp));
  }

  /**
   * Weir's sidecar waits until either side has spoken; Envoy until the client has, or for a time
   * that is short where the server may be the first.
   *
   * @param ports where chains are told apart by what is spoken
   * @param undeclared of some of them nobody says what it is
   */
  private void lookAtFirstBytes(
      SortedSet<Integer> ports, boolean undeclared, Listener.Builder listener) {
    if (ports.isEmpty()) {
      return;
    }
    listener
        .addListenerFilters(
            inspector(
                "envoy.filters.listener.tls_inspector", TlsInspector.getDefaultInstance(), ports))
        .addListenerFilters(
            inspector(
                "envoy.filters.listener.http_inspector", HttpInspector.getDefaultInstance(), ports))
        .setContinueOnListenerFiltersTimeout(true);
    if (kind.weir()) {
      listener.setListenerFiltersTimeout(Protos.duration(Duration.ZERO));
    } else if (undeclared) {
      listener.setListenerFiltersTimeout(Protos.duration(ENVOY_WAITS));
    }
  }

  private Listener.Builder listener(String name, int port, TrafficDirection direction) {
    return Listener.newBuilder()
        .setName(name)
        .setAddress(Protos.address("0.0.0.0", port))
        .setTrafficDirection(direction)
        .setUseOriginalDst(Protos.bool(true))
        .addListenerFilters(
            ListenerFilter.newBuilder()
                .setName("envoy.filters.listener.original_dst")
                .setTypedConfig(Protos.any(OriginalDst.getDefaultInstance())));
  }

  /**
   * Looks at the first bytes on {@code ports} alone: on every other one the server may be the first
   * to speak. Weir's sidecar needs no telling; it looks where its chains ask what is spoken.
   */
  private ListenerFilter inspector(String name, Message config, SortedSet<Integer> ports) {
    ListenerFilter.Builder filter =
        ListenerFilter.newBuilder().setName(name).setTypedConfig(Protos.any(config));
    if (!kind.weir()) {
      filter.setFilterDisabled(
          ListenerFilterChainMatchPredicate.newBuilder().setNotMatch(anyOf(ports)));
    }
    return filter.build();
  }

  private static ListenerFilterChainMatchPredicate anyOf(SortedSet<Integer> ports) {
    List<ListenerFilterChainMatchPredicate> predicates =
        ports.stream().map(ListenerCompiler::on).toList();
    return predicates.size() == 1
        ? predicates.getFirst()
        : ListenerFilterChainMatchPredicate.newBuilder()
            .setOrMatch(
                ListenerFilterChainMatchPredicate.MatchSet.newBuilder().addAllRules(predicates))
            .build();
  }

  private static ListenerFilterChainMatchPredicate on(int port) {
    return ListenerFilterChainMatchPredicate.newBuilder()
        .setDestinationPortRange(Int32Range.newBuilder().setStart(port).setEnd(port + 1))
        .build();
  }

  private static FilterChain chain(String name, FilterChainMatch match, List<Filter> filters) {
    return FilterChain.newBuilder()
        .setName(name)
        .setFilterChainMatch(match)
        .addAllFilters(filters)
        .build();
  }

  private FilterChain passthrough(String cluster) {
    return FilterChain.newBuilder().setName(cluster).addFilters(managers.tcpProxy(cluster)).build();
  }
}
