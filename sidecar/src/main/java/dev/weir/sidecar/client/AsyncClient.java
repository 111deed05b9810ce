package dev.weir.sidecar.client;

import dev.weir.sidecar.cluster.ClusterManager;
import dev.weir.sidecar.http.Headers;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.pool.Pools;
import dev.weir.sidecar.runtime.Loop;
import java.time.Duration;

/**
 * Makes requests of our own to clusters by name, from one loop, over its pools: counted, balanced
 * and bounded as those of clients are.
 */
public final class AsyncClient {
  /**
   * @param timeout from the start to the response's end; zero is no limit, for streams
   * @param otherHosts how many more hosts are asked when one cannot be reached
   * @param mostWaiting bytes of the request that may wait to be sent; over it the request fails
   */
  public record Options(Duration timeout, int otherHosts, int mostWaiting) {
    /** For a call that goes on until one side ends it. */
    public static final Options STREAM = new Options(Duration.ZERO, 2, 1 << 20);
  }

  private final ClusterManager clusters;
  private final Pools pools;

  public AsyncClient(ClusterManager clusters, Pools pools) {
    this.clusters = clusters;
    this.pools = pools;
  }

  /** The loop that requests of this client run on. */
  public Loop loop() {
    return pools.loop();
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
      Options options,
      StreamDecoder decoder) {
    AsyncStream stream =
        new AsyncStream(pools, clusters, cluster, protocol, request, endStream, options, decoder);
    stream.start();
    return stream;
  }
}
