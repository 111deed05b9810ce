package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.route.RouteSource;
import dev.weir.sidecar.config.tls.DownstreamTls;
import dev.weir.sidecar.listener.CompiledListener;
import dev.weir.sidecar.manager.HttpChain;
import dev.weir.sidecar.telemetry.StreamObserver;
import dev.weir.sidecar.transport.TransportSocket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What one listener is compiled of, and the parts that were made for it. Control thread. */
final class ListenerParts {
  /** By identity: what did not change is the same object, and a table is large to compare. */
  static final class ChainKey {
    private final HttpConnectionManager manager;
    private final @Nullable RouteConfiguration routes;
    private final int bufferLimit;

    ChainKey(HttpConnectionManager manager, @Nullable RouteConfiguration routes, int bufferLimit) {
      this.manager = manager;
      this.routes = routes;
      this.bufferLimit = bufferLimit;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof ChainKey key
          && key.manager == manager
          && key.routes == routes
          && key.bufferLimit == bufferLimit;
    }

    @Override
    public int hashCode() {
      return 31 * System.identityHashCode(manager) + System.identityHashCode(routes);
    }
  }

  /** A chain, and what it has taken. */
  record Made(HttpChain chain, Owned owned) {}

  /** Who is told of relays, and what was taken for it. */
  record MadeObservers(List<StreamObserver> observers, Owned owned) {}

  /**
   * @param chain its name
   */
  record FilterKey(String chain, HttpFilter filter) {}

  final Listener listener;

  /** The routes of each filter chain, the default one's last. */
  final List<Optional<RouteConfiguration>> tables;

  final Map<ChainKey, Made> chains = new HashMap<>();
  final Map<List<AccessLog>, MadeObservers> relayObservers = new HashMap<>();
  final Map<FilterKey, HttpChain.FilterSlot> slots = new HashMap<>();
  final Map<DownstreamTls, TransportSocket> sockets = new HashMap<>();

  /** Null until it could be compiled. */
  @Nullable CompiledListener compiled;

  ListenerParts(Listener listener, Map<String, RouteConfiguration> routes) {
    this.listener = listener;
    this.tables =
        Stream.concat(listener.filterChains().stream(), listener.defaultFilterChain().stream())
            .map(chain -> table(chain, routes))
            .toList();
  }

  private static Optional<RouteConfiguration> table(
      FilterChain chain, Map<String, RouteConfiguration> routes) {
    return switch (chain.filter()) {
      case HttpConnectionManager manager ->
          switch (manager.routes()) {
            case RouteSource.Inline(RouteConfiguration inline) -> Optional.of(inline);
            case RouteSource.Rds rds -> Optional.ofNullable(routes.get(rds.name()));
          };
      case TcpProxy _ -> Optional.empty();
    };
  }

  /** It is to be compiled of the same objects. */
  boolean sameAs(ListenerParts other) {
    if (listener != other.listener) {
      return false;
    }
    for (int i = 0; i < tables.size(); i++) {
      if (tables.get(i).orElse(null) != other.tables.get(i).orElse(null)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Tells {@code leaving} of what was taken for it and is not among the parts of {@code next}.
   *
   * @param next null for nothing
   */
  void leave(@Nullable ListenerParts next, Owned leaving) {
    if (next == this) {
      return;
    }
    chains.forEach((key, made) -> {
      if (next == null || !next.chains.containsKey(key)) {
        leaving.add(made.owned()::close);
      }
    });
    relayObservers.forEach((key, made) -> {
      if (next == null || !next.relayObservers.containsKey(key)) {
        leaving.add(made.owned()::close);
      }
    });
    slots.forEach((key, slot) -> {
      if (next == null || !next.slots.containsKey(key)) {
        leaving.add(slot.factory()::close);
      }
    });
  }
}
