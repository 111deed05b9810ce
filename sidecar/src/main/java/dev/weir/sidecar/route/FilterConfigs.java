package dev.weir.sidecar.route;

import dev.weir.sidecar.config.FilterConfig;
import dev.weir.sidecar.config.Unfit;
import dev.weir.sidecar.config.route.RouteFilterConfig;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What one choice of a route says for filters: {@code typed_per_filter_config} of the weighted
 * cluster, the route, the virtual host and the route configuration, the most specific taken whole.
 */
final class FilterConfigs {
  /** In place of a filter's configuration: it is off on this route. */
  private static final Object DISABLED = new Object();

  private final List<Map<String, RouteFilterConfig>> levels;
  private final @Nullable Object[] ofChain;

  /**
   * @param levels the most specific first
   * @param chain the names of the filters of the chain that uses this, in order
   * @param compile makes of a filter's index and a configuration what the filter wants to see
   */
  FilterConfigs(
      List<Map<String, RouteFilterConfig>> levels,
      List<String> chain,
      BiFunction<Integer, FilterConfig, Object> compile) {
    this.levels = levels.stream().filter(level -> !level.isEmpty()).toList();
    this.ofChain = new Object[chain.size()];
    for (int i = 0; i < ofChain.length; i++) {
      ofChain[i] = resolve(chain.get(i), i, compile);
    }
  }

  private @Nullable Object resolve(
      String name, int index, BiFunction<Integer, FilterConfig, Object> compile) {
    RouteFilterConfig found = find(name);
    if (found == null) {
      return null;
    }
    if (found.disabled()) {
      return DISABLED;
    }
    return found
        .config()
        .map(config -> overOthers(config, name, found))
        .map(config ->
            Unfit.at(
                "typed_per_filter_config[\"" + name + "\"]", () -> compile.apply(index, config)))
        .orElse(null);
  }

  /** With what less specific places say beside it. */
  private FilterConfig overOthers(FilterConfig config, String name, RouteFilterConfig found) {
    FilterConfig all = config;
    boolean less = false;
    for (Map<String, RouteFilterConfig> level : levels) {
      RouteFilterConfig other = level.get(name);
      if (less && other != null && other.config().isPresent()) {
        all = all.over(other.config().get());
      }
      less |= other == found;
    }
    return all;
  }

  private @Nullable RouteFilterConfig find(String name) {
    for (Map<String, RouteFilterConfig> level : levels) {
      RouteFilterConfig found = level.get(name);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /** What it says for filter {@code index} of the chain; null for nothing. */
  @Nullable Object config(int index) {
    Object config = ofChain[index];
    return config == DISABLED ? null : config;
  }

  boolean disabled(int index) {
    return ofChain[index] == DISABLED;
  }

  /**
   * The same for another chain, whose filters this table was not compiled for: those of a cluster.
   * Empty if nothing is said for any of them.
   */
  FilterConfigs forChain(List<String> chain, BiFunction<Integer, FilterConfig, Object> compile) {
    return new FilterConfigs(levels, chain, compile);
  }
}
