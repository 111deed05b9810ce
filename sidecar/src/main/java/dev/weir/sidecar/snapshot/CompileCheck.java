package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.config.Parsed;
import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.route.RouteSource;
import dev.weir.sidecar.config.tls.DownstreamTls;
import dev.weir.sidecar.config.tls.Secret;
import dev.weir.sidecar.manager.HttpChain;
import dev.weir.sidecar.transport.TransportSocketCompiler;
import dev.weir.sidecar.xds.store.Admission;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Compiles what has been parsed, before anybody is told that it is taken, and throws the result
 * away: nothing is opened, counted or kept. One thread at a time.
 */
public final class CompileCheck implements Admission {
  private static final String TRANSPORT_SOCKET = "transport_socket.typed_config";

  private final ChainCompiler chains = new ChainCompiler(FilterRegistry.scratch());
  private final TransportSocketCompiler transports = TransportSocketCompiler.scratch();

  /** A listener, with its inline routes; those that stream are {@link #routes}'s. */
  @Override
  public Parsed<Listener> listener(
      Listener listener, Function<String, Optional<Cluster>> clusters) {
    try {
      ClusterFilterCheck ofClusters = new ClusterFilterCheck(clusters);
      for (int i = 0; i < listener.filterChains().size(); i++) {
        check(listener.filterChains().get(i), "filter_chains[" + i + "]", ofClusters);
      }
      listener
          .defaultFilterChain()
          .ifPresent(chain -> check(chain, "default_filter_chain", ofClusters));
      return new Parsed.Accepted<>(listener);
    } catch (Unfit e) {
      return new Parsed.Rejected<>(e.field(), e.reason());
    }
  }

  /** Its files are read, its keys held against their certificates. */
  @Override
  public Parsed<Cluster> cluster(Cluster cluster) {
    try {
      cluster.tls().ifPresent(tls -> Unfit.at(TRANSPORT_SOCKET, () -> transports.upstream(tls)));
      for (int i = 0; i < cluster.socketMatches().size(); i++) {
        String field = "transport_socket_matches[" + i + "]." + TRANSPORT_SOCKET;
        cluster
            .socketMatches()
            .get(i)
            .tls()
            .ifPresent(tls -> Unfit.at(field, () -> transports.upstream(tls)));
      }
      return new Parsed.Accepted<>(cluster);
    } catch (Unfit e) {
      return new Parsed.Rejected<>(e.field(), e.reason());
    }
  }

  /** Its files are read, a key held against its certificate. */
  @Override
  public Parsed<Secret> secret(Secret secret) {
    try {
      TransportSocketCompiler.check(secret.content());
      return new Parsed.Accepted<>(secret);
    } catch (Unfit e) {
      return new Parsed.Rejected<>(e.field(), e.reason());
    }
  }

  private void check(FilterChain chain, String field, ClusterFilterCheck ofClusters) {
    chain
        .tls()
        .ifPresent(
            tls -> Unfit.at(field + "." + TRANSPORT_SOCKET, () -> transports.downstream(tls)));
    String last = field + ".filters[" + chain.access().size() + "].typed_config";
    if (chain.filter() instanceof TcpProxy proxy) {
      Unfit.at(last, () -> ChainCompiler.accessLogs(proxy, AccessLoggers::checked));
      chain
          .tls()
          .flatMap(DownstreamTls::ticketKeys)
          .ifPresent(keys -> {
            throw new Unfit(
                field + "." + TRANSPORT_SOCKET + "." + TransportSocketCompiler.field(keys),
                "is not supported before a tcp_proxy: its TLS is the JDK's, which has no such keys");
          });
    }
    if (chain.filter() instanceof HttpConnectionManager manager) {
      Unfit.at(
          last,
          () -> {
            try (Owned owned = new Owned()) {
              List<HttpChain.FilterSlot> filters = filters(manager, owned);
              ChainCompiler.accessLogs(manager, AccessLoggers::checked);
              if (manager.routes() instanceof RouteSource.Inline(RouteConfiguration table)) {
                Unfit.at(
                    "route_config",
                    () -> {
                      ofClusters.check(table);
                      return ChainCompiler.routes(table, manager, filters, owned);
                    });
              }
              return ChainCompiler.router(manager);
            }
          });
    }
  }

  @Override
  public Parsed<RouteConfiguration> routes(
      RouteConfiguration table,
      List<Listener> referrers,
      Function<String, Optional<Cluster>> clusters) {
    try {
      new ClusterFilterCheck(clusters).check(table);
      for (Listener listener : referrers) {
        listener.filterChains().forEach(chain -> check(table, chain));
        listener.defaultFilterChain().ifPresent(chain -> check(table, chain));
      }
      return new Parsed.Accepted<>(table);
    } catch (Unfit e) {
      return new Parsed.Rejected<>(e.field(), e.reason());
    }
  }

  private void check(RouteConfiguration table, FilterChain chain) {
    if (chain.filter() instanceof HttpConnectionManager manager
        && manager.routes() instanceof RouteSource.Rds rds
        && rds.name().equals(table.name())) {
      try (Owned owned = new Owned()) {
        ChainCompiler.routes(table, manager, filters(manager, owned), owned);
      }
    }
  }

  private List<HttpChain.FilterSlot> filters(HttpConnectionManager manager, Owned owned) {
    return chains.filters(
        manager,
        (index, filter) -> {
          HttpChain.FilterSlot slot = chains.newSlot(manager, index, filter);
          owned.add(slot.factory()::close);
          return slot;
        });
  }

  @Override
  public boolean fits(Listener listener, RouteConfiguration table) {
    return routes(table, List.of(listener), none -> Optional.empty()) instanceof Parsed.Accepted;
  }
}
