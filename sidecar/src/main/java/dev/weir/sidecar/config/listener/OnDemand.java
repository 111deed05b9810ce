package dev.weir.sidecar.config.listener;

import dev.weir.sidecar.config.CidrRange;
import java.time.Duration;
import java.util.List;

/**
 * {@code weir.extensions.filters.listener.on_demand.v1alpha1.OnDemand}.
 *
 * @param ranges where the mesh's addresses lie
 * @param timeout how long a connection waits at most, above 0
 */
public record OnDemand(List<CidrRange> ranges, Duration timeout) {
  public OnDemand {
    ranges = List.copyOf(ranges);
  }
}
