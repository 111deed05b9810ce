package dev.weir.sidecar.config;

import java.util.Set;

/**
 * The configuration of one HTTP filter: a record beside the filter, {@code
 * filter.http.<name>.<Name>Config}, that imports java.* and this package only.
 */
public interface FilterConfig {
  /** What tells the filter that it is for: a route's must be for the same as the listener's. */
  default Class<?> kind() {
    return getClass();
  }

  /** The clusters that the filter itself calls. */
  default Set<String> clusters() {
    return Set.of();
  }

  /**
   * What holds where a less specific place says {@code wider}, of the same kind: this alone, unless
   * the filter puts them together.
   */
  default FilterConfig over(FilterConfig wider) {
    return this;
  }
}
