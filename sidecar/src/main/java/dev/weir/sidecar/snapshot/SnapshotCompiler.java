package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.NetworkFilter;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.listener.Tracing;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.tls.DownstreamTls;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.filter.http.router.RouterConfig;
import dev.weir.sidecar.listener.CompiledListener;
import dev.weir.sidecar.listener.ListenerProblem;
import dev.weir.sidecar.manager.HttpChain;
import dev.weir.sidecar.telemetry.StreamObserver;
import dev.weir.sidecar.telemetry.trace.TraceExporters;
import dev.weir.sidecar.telemetry.trace.TraceObserver;
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

  private final ChainCompiler chains;
  private final TransportSocketCompiler transports;
  private final AccessLoggers accessLoggers;
  private final TraceExporters exporters;
  private final Routers routers;
  private final List<StreamObserver> always;

  /** By the listener's name. */
  private Map<String, ListenerParts> inForce = Map.of();

  /** Of what the last configuration had, and the next has not. */
  private final Owned leaving = new Owned();

  /**
   * @param always told of all streams and relays of listeners, before their own observers
   */
  public SnapshotCompiler(
      FilterRegistry registry,
      TransportSocketCompiler transports,
      AccessLoggers accessLoggers,
      TraceExporters exporters,
      Routers routers,
      List<StreamObserver> always) {
    this.transports = transports;
    this.chains = new ChainCompiler(registry);
    this.accessLoggers = accessLoggers;
    this.exporters = exporters;
    this.routers = routers;
    this.always = List.copyOf(always);
  }

  /**
   * @param problems told of what cannot be compiled; the listener it belongs to goes on as it was,
   *     and is left out if it is new
   */
  public List<CompiledListener> compile(
      Configuration configuration, List<ListenerProblem> problems) {
    List<CompiledListener> listeners = new ArrayList<>();
    Map<String, ListenerParts> next = new HashMap<>();
    for (Listener listener : configuration.listeners()) {
      ListenerParts parts = parts(listener, configuration.routes(), problems);
      if (parts != null) {
        next.put(listener.name(), parts);
        listeners.add(java.util.Objects.requireNonNull(parts.compiled));
      }
    }
    inForce.forEach((name, before) -> before.leave(next.get(name), leaving));
    inForce = next;
    return listeners;
  }

  /** The one before where nothing has changed, or what has cannot be compiled; null for none. */
  private @Nullable ListenerParts parts(
      Listener listener, Map<String, RouteConfiguration> routes, List<ListenerProblem> problems) {
    ListenerParts before = inForce.get(listener.name());
    ListenerParts parts = new ListenerParts(listener, routes);
    if (before != null && parts.sameAs(before)) {
      return before;
    }
    try {
      parts.compiled = compile(parts, before);
      return parts;
    } catch (RuntimeException e) {
      problems.add(new ListenerProblem(listener.name(), reason(e)));
      parts.leave(before, leaving);
      return before;
    }
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

  private CompiledListener compile(ListenerParts parts, @Nullable ListenerParts before) {
    Listener listener = parts.listener;
    List<CompiledListener.Chain> made = new ArrayList<>();
    for (int i = 0; i < listener.filterChains().size(); i++) {
      made.add(compile(parts, before, listener.filterChains().get(i), parts.tables.get(i)));
    }
    Optional<CompiledListener.Chain> otherwise =
        listener
            .defaultFilterChain()
            .map(chain -> compile(parts, before, chain, parts.tables.getLast()));
    return new CompiledListener(listener, made, otherwise);
  }

  private CompiledListener.Chain compile(
      ListenerParts parts,
      @Nullable ListenerParts before,
      FilterChain chain,
      Optional<RouteConfiguration> routes) {
    return switch (chain.filter()) {
      case HttpConnectionManager manager -> {
        RouteConfiguration table = routes.orElse(null);
        ListenerParts.ChainKey key =
            new ListenerParts.ChainKey(manager, table, parts.listener.perConnectionBufferLimit());
        ListenerParts.Made made = parts.chains.get(key);
        if (made == null && before != null) {
          made = before.chains.get(key);
        }
        if (made == null) {
          made = make(parts, before, chain.name(), manager, table);
        } else if (before != null) {
          keepSlots(parts, before, chain.name(), manager);
        }
        parts.chains.put(key, made);
        yield compiled(parts, before, chain, List.of(), Optional.of(made.chain()));
      }
      case TcpProxy proxy ->
          compiled(parts, before, chain, relayObservers(parts, before, proxy), Optional.empty());
    };
  }

  private CompiledListener.Chain compiled(
      ListenerParts parts,
      @Nullable ListenerParts before,
      FilterChain chain,
      List<StreamObserver> relayObservers,
      Optional<HttpChain> http) {
    return new CompiledListener.Chain(
        chain.name(),
        chain.match(),
        chain.access(),
        chain.filter(),
        chain.tls().map(tls -> socket(parts, before, tls)).orElse(TransportSocket.PLAIN),
        chain.transportSocketConnectTimeout(),
        relayObservers,
        http);
  }

  private List<StreamObserver> relayObservers(
      ListenerParts parts, @Nullable ListenerParts before, TcpProxy proxy) {
    List<AccessLog> key = proxy.accessLogs();
    ListenerParts.MadeObservers made = parts.relayObservers.get(key);
    if (made == null && before != null) {
      made = before.relayObservers.get(key);
    }
    if (made == null) {
      Owned owned = new Owned();
      try {
        made = new ListenerParts.MadeObservers(observers(proxy, owned), owned);
      } catch (RuntimeException e) {
        owned.close();
        throw e;
      }
    }
    parts.relayObservers.put(key, made);
    return made.observers();
  }

  /**
   * By what is configured: files are read when it changes, as Envoy does. The listener's own before
   * another's, for its connections are bound to it.
   */
  private TransportSocket socket(
      ListenerParts parts, @Nullable ListenerParts before, DownstreamTls config) {
    TransportSocket made = parts.sockets.get(config);
    if (made == null && before != null) {
      made = before.sockets.get(config);
    }
    for (ListenerParts other : inForce.values()) {
      if (made == null) {
        made = other.sockets.get(config);
      }
    }
    if (made == null) {
      made = transports.downstream(config);
    }
    parts.sockets.put(config, made);
    return made;
  }

  private void keepSlots(
      ListenerParts parts, ListenerParts before, String chain, HttpConnectionManager manager) {
    for (HttpFilter filter : manager.filters()) {
      ListenerParts.FilterKey key = new ListenerParts.FilterKey(chain, filter);
      HttpChain.FilterSlot slot = before.slots.get(key);
      if (slot != null) {
        parts.slots.put(key, slot);
      }
    }
  }

  private ListenerParts.Made make(
      ListenerParts parts,
      @Nullable ListenerParts before,
      String chain,
      HttpConnectionManager manager,
      @Nullable RouteConfiguration table) {
    Owned owned = new Owned();
    try {
      return new ListenerParts.Made(http(parts, before, chain, manager, table, owned), owned);
    } catch (RuntimeException e) {
      owned.close();
      throw e;
    }
  }

  private List<StreamObserver> observers(NetworkFilter filter, Owned owned) {
    List<StreamObserver> observers = new ArrayList<>(always);
    observers.addAll(ChainCompiler.accessLogs(filter, log -> accessLoggers.make(log, owned)));
    if (filter instanceof HttpConnectionManager manager) {
      manager.tracing().ifPresent(tracing -> observers.add(tracer(tracing, owned)));
    }
    return observers;
  }

  private static String chainName(Listener listener, String chain) {
    return chain.isEmpty() ? listener.name() : listener.name() + "/" + chain;
  }

  private TraceObserver tracer(Tracing tracing, Owned owned) {
    TraceObserver tracer = new TraceObserver(tracing, exporters);
    owned.add(tracer::close);
    return tracer;
  }

  private HttpChain http(
      ListenerParts parts,
      @Nullable ListenerParts before,
      String chain,
      HttpConnectionManager manager,
      @Nullable RouteConfiguration table,
      Owned owned) {
    List<HttpChain.FilterSlot> filters =
        chains.filters(
            manager,
            (index, filter) -> {
              ListenerParts.FilterKey key = new ListenerParts.FilterKey(chain, filter);
              HttpChain.FilterSlot slot = parts.slots.get(key);
              if (slot == null && before != null) {
                slot = before.slots.get(key);
              }
              if (slot == null) {
                slot = chains.newSlot(manager, index, filter);
              }
              parts.slots.put(key, slot);
              return slot;
            });
    return new HttpChain(
        chainName(parts.listener, chain),
        manager,
        filters,
        routers.router(ChainCompiler.router(manager)),
        ChainCompiler.routes(table, manager, filters, owned),
        observers(manager, owned),
        ChainCompiler.traceStart(manager),
        parts.listener.perConnectionBufferLimit());
  }
}
