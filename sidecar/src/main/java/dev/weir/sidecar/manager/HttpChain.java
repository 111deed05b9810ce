package dev.weir.sidecar.manager;

import dev.weir.sidecar.accesslog.AccessLogger;
import dev.weir.sidecar.config.listener.HttpConnectionManager;
import dev.weir.sidecar.filter.HttpFilterFactory;
import dev.weir.sidecar.filter.StreamContext;
import dev.weir.sidecar.filter.TerminalFilter;
import dev.weir.sidecar.route.RouteTable;
import java.util.List;
import java.util.function.Function;

/**
 * What a new stream of a filter chain is made with, compiled from one configuration. Immutable;
 * replaced whole, so that a change reaches connections that are open.
 *
 * @param filters in order, without the router
 */
public record HttpChain(
    HttpConnectionManager config,
    List<FilterSlot> filters,
    Function<StreamContext, TerminalFilter> router,
    RouteTable routes,
    List<AccessLogger> accessLogs,
    int bufferLimit) {
  public HttpChain {
    filters = List.copyOf(filters);
    accessLogs = List.copyOf(accessLogs);
  }

  /**
   * @param disabled off unless a route gives it a configuration
   */
  public record FilterSlot(String name, HttpFilterFactory factory, boolean disabled) {}
}
