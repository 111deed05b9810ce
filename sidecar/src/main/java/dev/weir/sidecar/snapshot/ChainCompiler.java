package dev.weir.sidecar.snapshot;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.config.TraceFormat;
import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.listener.AccessLog;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.listener.NetworkFilter;
import dev.weir.sidecar.config.route.RouteConfiguration;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.filter.http.router.RouterConfig;
import dev.weir.sidecar.filter.http.router.RouterFactory;
import dev.weir.sidecar.filter.http.tracecontext.TraceContextConfig;
import dev.weir.sidecar.manager.HttpChain;
import dev.weir.sidecar.route.RouteTable;
import dev.weir.sidecar.trace.TraceStart;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the parts of one HTTP connection manager, and the logs of any network filter. Whatever
 * is wrong in them is an {@link Unfit} with its field. Control thread.
 */
final class ChainCompiler {
  private final FilterRegistry registry;

  ChainCompiler(FilterRegistry registry) {
    this.registry = registry;
  }

  /** Where filter {@code index} is made; for a check, or the chain in force. */
  interface Slots {
    HttpChain.FilterSlot slot(int index, HttpFilter filter);
  }

  /** The filters before the router, in order. */
  List<HttpChain.FilterSlot> filters(HttpConnectionManager manager, Slots slots) {
    List<HttpChain.FilterSlot> filters = new ArrayList<>();
    for (int i = 0; i < manager.filters().size(); i++) {
      HttpFilter filter = manager.filters().get(i);
      if (!(filter.config() instanceof RouterConfig)) {
        filters.add(slots.slot(i, filter));
      }
    }
    return filters;
  }

  /** A new filter for the place {@code index} of {@code http_filters}. */
  HttpChain.FilterSlot newSlot(HttpConnectionManager manager, int index, HttpFilter filter) {
    HttpFilterFactory factory =
        Unfit.at(
            "http_filters[" + index + "]",
            () -> registry.factory(filter.config(), manager.statPrefix()));
    return new HttpChain.FilterSlot(filter.name(), factory, filter.disabled());
  }

  static RouterConfig router(HttpConnectionManager manager) {
    for (HttpFilter filter : manager.filters()) {
      if (filter.config() instanceof RouterConfig config) {
        return config;
      }
    }
    throw new Unfit("http_filters", "end without a router");
  }

  /** As Envoy's, which does it before all filters; here a filter may be there for it. */
  static Optional<TraceStart> traceStart(HttpConnectionManager manager) {
    boolean byFilter =
        manager.filters().stream().anyMatch(each -> each.config() instanceof TraceContextConfig);
    return byFilter
        ? Optional.empty()
        : manager
            .tracing()
            .map(tracing -> new TraceStart(Set.of(TraceFormat.W3C), tracing.samplePerMillion()));
  }

  /** What {@code make} makes of each log. */
  static <T> List<T> accessLogs(NetworkFilter filter, Function<AccessLog, T> make) {
    List<T> made = new ArrayList<>();
    for (int i = 0; i < filter.accessLogs().size(); i++) {
      AccessLog log = filter.accessLogs().get(i);
      made.add(Unfit.at("access_log[" + i + "]", () -> make.apply(log)));
    }
    return made;
  }

  /**
   * @param filters of the chain that will use the table
   * @param owned told what the table has taken
   */
  static RouteTable routes(
      @Nullable RouteConfiguration table,
      HttpConnectionManager manager,
      List<HttpChain.FilterSlot> filters,
      Owned owned) {
    if (table == null) {
      return RouteTable.EMPTY;
    }
    List<String> names = manager.filters().stream().map(HttpFilter::name).toList();
    return new RouteTable(
        table,
        names,
        (index, config) -> {
          if (index == filters.size()) {
            return RouterFactory.compileRoute(config);
          }
          requireSame(manager.filters().get(index), config);
          HttpFilterFactory factory = filters.get(index).factory();
          Object made = factory.compileRoute(config);
          owned.add(() -> factory.release(made));
          return made;
        });
  }

  /** RDS brings the configurations without the filters: only here are they side by side. */
  private static void requireSame(HttpFilter filter, FilterConfig ofRoute) {
    if (!filter.config().kind().equals(ofRoute.kind())) {
      throw new Unfit(
          "",
          "is a %s, but the filter \"%s\" of the listener has a %s"
              .formatted(
                  ofRoute.getClass().getSimpleName(),
                  filter.name(),
                  filter.config().getClass().getSimpleName()));
    }
  }
}
