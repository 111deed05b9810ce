package dev.weir.sidecar.filter;

import dev.weir.sidecar.config.FilterConfig;
import org.jspecify.annotations.Nullable;

/**
 * Makes the filters of one entry of a chain. Made once a configuration, used by all event loops.
 */
public interface HttpFilterFactory {
  /**
   * @param routeConfig what the route says instead of the filter's own configuration, as compiled
   *     by {@link #compileRoute}; null for nothing
   * @return null if this stream does not concern the filter
   */
  @Nullable HttpFilter create(FilterContext context, @Nullable Object routeConfig);

  /** Prepares a route's {@code typed_per_filter_config}, once a route table. */
  default Object compileRoute(FilterConfig config) {
    return config;
  }

  /**
   * No configuration in force has {@code routeConfig}, which {@link #compileRoute} made; streams
   * that began before may. Control thread.
   */
  default void release(Object routeConfig) {}

  /** As {@link #release}, for the filter itself. Control thread. */
  default void close() {}
}
