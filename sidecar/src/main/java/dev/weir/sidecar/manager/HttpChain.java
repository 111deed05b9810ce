package dev.weir.sidecar.manager;

import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.config.route.RouteAction;
import dev.weir.sidecar.filter.FilterContext;
import dev.weir.sidecar.filter.HttpFilter;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.filter.TerminalContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.http.HeaderName;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.route.RouteEntry;
import dev.weir.sidecar.route.RouteTable;
import dev.weir.sidecar.telemetry.StreamObserver;
import dev.weir.sidecar.trace.TraceStart;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a new stream of a filter chain is made with, compiled from one configuration. Immutable;
 * replaced whole, so that a change reaches connections that are open.
 *
 * @param name its listener's, and its own where it has one
 * @param filters in order, without the router, which follows them
 * @param observers of its streams
 * @param traceStart takes over or begins a stream's trace before its filters; empty where one of
 *     these does it, or nobody
 */
public record HttpChain(
    String name,
    HttpConnectionManager config,
    List<FilterSlot> filters,
    Function<TerminalContext, TerminalFilter> router,
    RouteTable routes,
    List<StreamObserver> observers,
    Optional<TraceStart> traceStart,
    int bufferLimit) {
  public HttpChain {
    filters = List.copyOf(filters);
    observers = List.copyOf(observers);
  }

  private static final HttpFilter[] NO_FILTERS = new HttpFilter[0];

  /** Makes the filters that concern a stream of this route, in the order of the request. */
  HttpFilter[] newFilters(FilterContext stream, RouteEntry.@Nullable Choice route) {
    int most = filters.size();
    if (most == 0) {
      return NO_FILTERS;
    }
    HttpFilter[] made = new HttpFilter[most];
    int count = 0;
    for (int i = 0; i < most; i++) {
      FilterSlot slot = filters.get(i);
      Object routeConfig = route == null ? null : route.filterConfig(i);
      boolean disabled =
          route != null && route.filterDisabled(i) || slot.disabled() && routeConfig == null;
      HttpFilter filter = disabled ? null : slot.factory().create(stream, routeConfig);
      if (filter != null) {
        made[count++] = filter;
      }
    }
    return count == most ? made : Arrays.copyOf(made, count);
  }

  /** What the request wants to upgrade to is allowed: by its route, else here. */
  boolean mayUpgrade(Headers request, @Nullable RouteEntry route) {
    String to = String.valueOf(request.value(HeaderName.UPGRADE)).toLowerCase(Locale.ROOT);
    if (to.equals("h2c")) {
      return false; // RFC 9113 3.1; from HTTP/1.1 it does not come this far
    }
    if (route != null && route.action() instanceof RouteAction.Forward forward) {
      Boolean ofRoute = forward.upgrades().get(to);
      return ofRoute != null ? ofRoute : config.upgrades().contains(to);
    }
    return false;
  }

  /**
   * @param disabled off unless a route gives it a configuration
   */
  public record FilterSlot(String name, HttpFilterFactory factory, boolean disabled) {}
}
