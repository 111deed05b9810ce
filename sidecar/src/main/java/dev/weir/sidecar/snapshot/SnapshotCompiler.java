package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.accesslog.AccessLogger;
import dev.weir.sidecar.accesslog.LogFiles;
import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.listener.FilterChain;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.Listener;
import dev.weir.sidecar.config.listener.NetworkFilter;
import dev.weir.sidecar.config.listener.TcpProxy;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.config.route.RouteSource;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.filter.http.router.RouterConfig;
import dev.weir.sidecar.listener.CompiledListener;
import dev.weir.sidecar.manager.HttpChain;
import dev.weir.sidecar.route.RouteTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Compiles listeners. What did not change since the last time is not compiled again: its cost
 * follows the change, and buckets keep their level.
 */
public final class SnapshotCompiler {
  /** Makes the router of a chain. */
  public interface Routers {
    Function<TerminalContext, TerminalFilter> router(RouterConfig config);
  }

  private record ChainKey(
      NetworkFilter filter, @Nullable RouteConfiguration routes, int bufferLimit) {}

  private record FilterKey(String chain, HttpFilter filter) {}

  /** What a listener was compiled of when it could be. */
  private record Source(Listener listener, Map<String, RouteConfiguration> routes) {}

  private final FilterRegistry registry;
  private final LogFiles logFiles;
  private final Routers routers;
  private Map<ChainKey, HttpChain> compiled = new HashMap<>();
  private Map<FilterKey, HttpChain.FilterSlot> slots = new HashMap<>();
  private Map<ChainKey, HttpChain> nextCompiled = new HashMap<>();
  private Map<FilterKey, HttpChain.FilterSlot> nextSlots = new HashMap<>();
  private Map<String, Source> sources = Map.of();

  public SnapshotCompiler(FilterRegistry registry, LogFiles logFiles, Routers routers) {
    this.registry = registry;
    this.logFiles = logFiles;
    this.routers = routers;
  }

  /**
   * @param problems told of what cannot be compiled, a line each; the listener it belongs to goes
   *     on as it was, and is left out if it is new
   */
  public List<CompiledListener> compile(Configuration configuration, List<String> problems) {
    nextCompiled = new HashMap<>();
    nextSlots = new HashMap<>();
    List<CompiledListener> listeners = new ArrayList<>();
    Map<String, Source> nextSources = new HashMap<>();
    for (Listener listener : configuration.listeners()) {
      Source source = new Source(listener, configuration.routes());
      try {
        listeners.add(compile(source));
        nextSources.put(listener.name(), source);
      } catch (RuntimeException e) {
        problems.add("listener " + listener.name() + ": " + reason(e));
        Source before = sources.get(listener.name());
        if (before != null) {
          listeners.add(compile(before)); // of what is compiled already
          nextSources.put(listener.name(), before);
        }
      }
    }
    sources = nextSources;
    compiled = nextCompiled;
    slots = nextSlots;
    return listeners;
  }

  private static String reason(RuntimeException e) {
    return e instanceof IllegalArgumentException
        ? String.valueOf(e.getMessage())
        : "an internal error: " + e;
  }

  private CompiledListener compile(Source source) {
    Listener listener = source.listener();
    Map<String, RouteConfiguration> routes = source.routes();
    List<CompiledListener.Chain> chains = new ArrayList<>();
    for (FilterChain chain : listener.filterChains()) {
      chains.add(compile(listener, chain, routes));
    }
    Optional<CompiledListener.Chain> otherwise =
        listener.defaultFilterChain().map(chain -> compile(listener, chain, routes));
    return new CompiledListener(listener, chains, otherwise);
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
        HttpChain http = compiled.get(key);
        if (http == null) {
          http = http(listener, chain.name(), manager, table);
        } else {
          keepSlots(listener, chain.name(), manager);
        }
        nextCompiled.put(key, http);
        yield new CompiledListener.Chain(chain.name(), chain.match(), manager, Optional.of(http));
      }
      case TcpProxy tcp ->
          new CompiledListener.Chain(chain.name(), chain.match(), tcp, Optional.empty());
    };
  }

  private void keepSlots(Listener listener, String chain, HttpConnectionManager manager) {
    for (HttpFilter filter : manager.filters()) {
      FilterKey key = new FilterKey(listener.name() + "/" + chain, filter);
      HttpChain.FilterSlot slot = slots.get(key);
      if (slot != null) {
        nextSlots.put(key, slot);
      }
    }
  }

  private HttpChain http(
      Listener listener,
      String chain,
      HttpConnectionManager manager,
      @Nullable RouteConfiguration table) {
    List<HttpChain.FilterSlot> filters = new ArrayList<>();
    RouterConfig router = null;
    for (HttpFilter filter : manager.filters()) {
      if (filter.config() instanceof RouterConfig config) {
        router = config;
        continue;
      }
      FilterKey key = new FilterKey(listener.name() + "/" + chain, filter);
      HttpChain.FilterSlot slot = slots.get(key);
      if (slot == null) {
        slot =
            new HttpChain.FilterSlot(
                filter.name(), registry.factory(filter.config()), filter.disabled());
      }
      nextSlots.put(key, slot);
      filters.add(slot);
    }
    if (router == null) {
      throw new IllegalArgumentException(
          "http_filters of " + manager.statPrefix() + " end without a router");
    }
    List<String> names = filters.stream().map(HttpChain.FilterSlot::name).toList();
    RouteTable routes =
        table == null
            ? RouteTable.EMPTY
            : new RouteTable(
                table,
                names,
                (index, config) -> {
                  requireSame(manager.filters().get(index), config, table);
                  return filters.get(index).factory().compileRoute(config);
                });
    List<AccessLogger> logs =
        manager.accessLogs().stream().map(log -> new AccessLogger(log, logFiles)).toList();
    return new HttpChain(
        manager,
        filters,
        routers.router(router),
        routes,
        logs,
        listener.perConnectionBufferLimit());
  }

  /** RDS brings the configurations without the filters: only here are they side by side. */
  private static void requireSame(
      HttpFilter filter, FilterConfig ofRoute, RouteConfiguration table) {
    if (!filter.config().getClass().equals(ofRoute.getClass())) {
      throw new IllegalArgumentException(
          "route configuration \"%s\": typed_per_filter_config[\"%s\"] is a %s, the filter has a %s"
              .formatted(
                  table.name(),
                  filter.name(),
                  ofRoute.getClass().getSimpleName(),
                  filter.config().getClass().getSimpleName()));
    }
  }
}
