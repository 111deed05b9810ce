package dev.weir.sidecar.metrics;

import dev.weir.sidecar.telemetry.edge.Edges;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What an operator says of metrics.
 *
 * @param address where they are read from outside; empty: nowhere
 * @param app whose own metrics come with them; empty: nobody's
 * @param mostEdges combinations of labels that are counted by
 */
public record MetricsOptions(
    Optional<InetSocketAddress> address, Optional<AppMetrics.Place> app, int mostEdges) {
  public static final MetricsOptions DEFAULT =
      new MetricsOptions(Optional.empty(), Optional.empty(), Edges.DEFAULT_MOST);
}
