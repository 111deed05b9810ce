package dev.weir.sidecar.client;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.config.route.RouteAction.Priority;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.ResetReason;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.runtime.Loop;
import java.util.List;

/** Makes requests to clusters by name. */
public final class AsyncClient {
  private final ClusterManager clusters;
  private final List<Pools> pools;

  /**
   * @param pools by the index of their loop
   */
  public AsyncClient(ClusterManager clusters, List<Pools> pools) {
    this.clusters = clusters;
    this.pools = List.copyOf(pools);
  }

  /** The loop that requests of this client run on. */
  public Loop loop() {
    return pools.getFirst().loop();
  }

  /**
   * Begins a request. On {@link #loop}'s thread, as is everything {@code decoder} is told; it is
   * told of a failure too, and may be so before this returns.
   *
   * @param protocol what a cluster that uses the downstream's version is called with
   */
  public AsyncStream start(
      String cluster,
      Protocol protocol,
      Headers request,
      boolean endStream,
      StreamDecoder decoder) {
    AsyncStream stream = new AsyncStream(decoder, request, endStream);
    LiveCluster live = clusters.get(cluster);
    if (live == null) {
      stream.failed(ResetReason.CONNECT_FAILURE, "there is no cluster " + cluster);
      return stream;
    }
    Host host = live.choose(loop(), pools.getFirst().slab(), any -> false, any -> false, 0);
    if (host == null) {
      stream.failed(ResetReason.CONNECT_FAILURE, "cluster " + cluster + " has no healthy host");
      return stream;
    }
    stream.pending(
        pools
            .getFirst()
            .newStream(live, host, protocol, live.resources(Priority.DEFAULT), stream, stream));
    return stream;
  }
}
