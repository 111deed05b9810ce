package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.accesslog.AccessLogger;
import dev.weir.sidecar.accesslog.LogFiles;
import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.route.RouteSource;
import dev.weir.sidecar.config.tls.DownstreamTls;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.filter.http.router.RouterConfig;
import dev.weir.sidecar.listener.CompiledListener;
import dev.weir.sidecar.listener.ListenerProblem;
import dev.weir.sidecar.manager.HttpChain;
import dev.weir.sidecar.transport.TransportSocket;
import dev.weir.sidecar.transport.TransportSocketCompiler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Compiles listeners. What did not change since the last time is not compiled again: its cost
 * follows the change, and buckets keep their level. What comes here has passed {@link
 * CompileCheck}; a listener that cannot be compiled all the same is our mistake, and goes on as it
 * was. Control thread.
 */
public final class SnapshotCompiler {
  /** Makes the router of a chain. */
  public interface Routers {
    Function<TerminalContext, TerminalFilter> router(RouterConfig config);
  }

  /** By identity: what did not change is the same object, and a table is large to compare. */
  private static final class ChainKey {
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
  private record Made(HttpChain chain, Owned owned) {}

  private record FilterKey(String chain, HttpFilter filter) {}

  /** What a listener was compiled of when it could be. */
  private record Source(Listener listener, Map<String, RouteConfiguration> routes) {}

  private final ChainCompiler chains;
  private final TransportSocketCompiler transports;
  private final LogFiles logFiles;
  private final Routers routers;
  private Map<ChainKey, Made> compiled = new HashMap<>();
  private Map<FilterKey, HttpChain.FilterSlot> slots = new HashMap<>();

  /** By what is configured: files are read when it changes, as Envoy does. */
  private Map<DownstreamTls, TransportSocket> sockets = new HashMap<>();

  private Map<ChainKey, Made> nextCompiled = new HashMap<>();
  private Map<FilterKey, HttpChain.FilterSlot> nextSlots = new HashMap<>();
  private Map<DownstreamTls, TransportSocket> nextSockets = new HashMap<>();
  private Map<String, Source> sources = Map.of();

  /** Of what the last configuration had, and the next has not. */
  private final Owned leaving = new Owned();

  public SnapshotCompiler(
      FilterRegistry registry,
      TransportSocketCompiler transports,
      LogFiles logFiles,
      Routers routers) {
    this.transports = transports;
    this.chains = new ChainCompiler(registry);
    this.logFiles = logFiles;
    this.routers = routers;
  }

  /**
   * @param problems told of what cannot be compiled; the listener it belongs to goes on as it was,
   *     and is left out if it is new
   */
  public List<CompiledListener> compile(
      Configuration configuration, List<ListenerProblem> problems) {
    nextCompiled = new HashMap<>();
    nextSlots = new HashMap<>();
    nextSockets = new HashMap<>();
    List<CompiledListener> listeners = new ArrayList<>();
    Map<String, Source> nextSources = new HashMap<>();
    for (Listener listener : configuration.listeners()) {
      Source source = new Source(listener, configuration.routes());
      try {
        listeners.add(compile(source));
        nextSources.put(listener.name(), source);
      } catch (RuntimeException e) {
        problems.add(new ListenerProblem(listener.name(), reason(e)));
        Source before = sources.get(listener.name());
        if (before != null) {
          listeners.add(compile(before)); // of what is compiled already
          nextSources.put(listener.name(), before);
        }
      }
    }
    sources = nextSources;
    compiled.forEach((key, made) -> {
      if (!nextCompiled.containsKey(key)) {
        leaving.add(made.owned()::close);
      }
    });
    slots.forEach((key, slot) -> {
      if (!nextSlots.containsKey(key)) {
        leaving.add(slot.factory()::close);
      }
    });
    compiled = nextCompiled;
    slots = nextSlots;
    sockets = nextSockets;
    return listeners;
  }

  /** What {@link #compile} has left out is no longer in force: what it had taken ends. */
  public void letGo() {
    leaving.close();
  }

  private static String reason(RuntimeException e) {
    return e instanceof Unfit unfit
        ? unfit.field() + ": " + unfit.reason()
        : "an internal error: " + e;
  }

  private CompiledListener compile(Source source) {
    Listener listener = source.listener();
    Map<String, RouteConfiguration> routes = source.routes();
    List<CompiledListener.Chain> made = new ArrayList<>();
    for (FilterChain chain : listener.filterChains()) {
      made.add(compile(listener, chain, routes));
    }
    Optional<CompiledListener.Chain> otherwise =
        listener.defaultFilterChain().map(chain -> compile(listener, chain, routes));
    return new CompiledListener(listener, made, otherwise);
  }

  private CompiledListener.Chain compile(
      Listener listener, FilterChain chain, Map<String, RouteConfiguration> routes) {
    return switch (chain.filter()) {
      case HttpConnectionManager manager -> {
        RouteConfiguration table =
            switch (manager.routes()) {
              case RouteSource.Inline(RouteConfiguration inline) -> inline;
              case RouteSource.Rds rds -> routes.get(rds.name());
            };
        ChainKey key = new ChainKey(manager, table, listener.perConnectionBufferLimit());
        Made made = nextCompiled.getOrDefault(key, compiled.get(key));
        if (made == null) {
          made = make(listener, chain.name(), manager, table);
        } else {
          keepSlots(listener, chain.name(), manager);
        }
        nextCompiled.put(key, made);
        yield compiled(chain, Optional.of(made.chain()));
      }
      case TcpProxy _ -> compiled(chain, Optional.empty());
    };
  }

  private CompiledListener.Chain compiled(FilterChain chain, Optional<HttpChain> http) {
    return new CompiledListener.Chain(
        chain.name(),
        chain.match(),
        chain.filter(),
        chain.tls().map(this::socket).orElse(TransportSocket.PLAIN),
        chain.transportSocketConnectTimeout(),
        http);
  }

  private TransportSocket socket(DownstreamTls config) {
    TransportSocket known = sockets.get(config);
    return nextSockets.computeIfAbsent(
        config, absent -> known == null ? transports.downstream(absent) : known);
  }

  private static FilterKey key(Listener listener, String chain, HttpFilter filter) {
    return new FilterKey(listener.name() + "/" + chain, filter);
  }

  private void keepSlots(Listener listener, String chain, HttpConnectionManager manager) {
    for (HttpFilter filter : manager.filters()) {
      FilterKey key = key(listener, chain, filter);
      HttpChain.FilterSlot slot = slots.get(key);
      if (slot != null) {
        nextSlots.put(key, slot);
      }
    }
  }

  private Made make(
      Listener listener,
      String chain,
      HttpConnectionManager manager,
      @Nullable RouteConfiguration table) {
    Owned owned = new Owned();
    try {
      return new Made(http(listener, chain, manager, table, owned), owned);
    } catch (RuntimeException e) {
      owned.close();
      throw e;
    }
  }

  private AccessLogger logger(AccessLog log, Owned owned) {
    AccessLogger logger = new AccessLogger(log, logFiles);
    owned.add(logger::close);
    return logger;
  }

  private HttpChain http(
      Listener listener,
      String chain,
      HttpConnectionManager manager,
      @Nullable RouteConfiguration table,
      Owned owned) {
    List<HttpChain.FilterSlot> filters =
        chains.filters(
            manager,
            (index, filter) -> {
              FilterKey key = key(listener, chain, filter);
              HttpChain.FilterSlot known = slots.get(key);
              HttpChain.FilterSlot slot = known == null ? chains.newSlot(index, filter) : known;
              nextSlots.put(key, slot);
              return slot;
            });
    return new HttpChain(
        manager,
        filters,
        routers.router(ChainCompiler.router(manager)),
        ChainCompiler.routes(table, manager, filters, owned),
        ChainCompiler.accessLogs(manager, log -> logger(log, owned)),
        listener.perConnectionBufferLimit());
  }
}
