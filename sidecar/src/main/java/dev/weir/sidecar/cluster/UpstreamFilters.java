package dev.weir.sidecar.cluster;

import dev.weir.sidecar.config.HttpFilter;
import dev.weir.sidecar.filter.UpstreamFilterFactory;

/** Makes the filters of clusters. Control thread. */
public interface UpstreamFilters {
  /** None has any: for clusters whose configuration cannot have filters. */
  UpstreamFilters NONE =
      (filter, cluster) -> {
        throw new IllegalArgumentException("there are no upstream filters here");
      };

  /**
   * @param cluster the name that statistics have
   * @throws IllegalArgumentException for a configuration that no upstream filter takes
   */
  UpstreamFilterFactory make(HttpFilter filter, String cluster);
}
