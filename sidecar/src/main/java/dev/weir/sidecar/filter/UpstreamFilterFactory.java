package dev.weir.sidecar.filter;

import dev.weir.sidecar.config.FilterConfig;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes the filters of one entry of a cluster's chain. It lives as long as its cluster has an entry
 * of its kind and name. Used by all event loops.
 */
public interface UpstreamFilterFactory {
  /**
   * @param routeConfig what the route says instead of the filter's own configuration, as compiled
   *     by {@link #compileRoute}; null for nothing
   * @return null if this attempt does not concern the filter
   */
  @Nullable UpstreamFilter create(FilterContext stream, @Nullable Object routeConfig);

  /**
   * Takes over another configuration and keeps its state; false if it cannot, and is to be
   * replaced. Control thread.
   */
  boolean reconfigure(FilterConfig next);

  /** A host has left the cluster. Control thread. */
  default void removed(UpstreamHost host) {}

  /** It is asked no more. Control thread. */
  void close();

  /** Prepares a route's {@code typed_per_filter_config}; throws as a compiler does. */
  default Object compileRoute(FilterConfig config) {
    return config;
  }

  /** For {@code /clusters}: what it keeps about the cluster as a whole, a line each. Any thread. */
  default List<String> facts() {
    return List.of();
  }

  /** Tells the circuit breakers that it has or had to open. Any thread. */
  default void breakers(Consumer<BreakerReading> each) {}

  /** For {@code /clusters}: what it keeps about one host. Any thread. */
  default List<String> facts(UpstreamHost host) {
    return List.of();
  }
}
