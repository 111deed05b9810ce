package dev.weir.sidecar.pool;

import dev.weir.sidecar.cluster.Host;
import dev.weir.sidecar.cluster.LiveCluster;
import dev.weir.sidecar.cluster.Resources;
import dev.weir.sidecar.config.Http2Options;
import dev.weir.sidecar.config.cluster.Cluster;
import dev.weir.sidecar.http.Protocol;
import dev.weir.sidecar.http.StreamDecoder;
import dev.weir.sidecar.runtime.Loop;
import dev.weir.sidecar.stats.StatSlab;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The pools of one loop. That loop's thread, but for {@link #removed}. */
public final class Pools {
  private final Loop loop;
  private final StatSlab slab;
  private final Connector connector;
  private final IdentityHashMap<Host, Pool> http1 = new IdentityHashMap<>();
  private final IdentityHashMap<Host, Pool> http2 = new IdentityHashMap<>();

  public Pools(Loop loop, StatSlab slab, Connector connector) {
    this.loop = loop;
    this.slab = slab;
    this.connector = connector;
  }

  public Loop loop() {
    return loop;
  }

  public StatSlab slab() {
    return slab;
  }

  public Connector connector() {
    return connector;
  }

  /**
   * Finds or makes a connection to {@code host} for a request; null if the callbacks have been
   * called already.
   *
   * @param downstream the version the request came with
   */
  public @Nullable Pending newStream(
      LiveCluster cluster,
      Host host,
      Protocol downstream,
      Resources resources,
      StreamDecoder decoder,
      StreamCallbacks callbacks) {
    return pool(cluster, host, downstream).newStream(decoder, resources, callbacks);
  }

  private Pool pool(LiveCluster cluster, Host host, Protocol downstream) {
    Http2Options options = http2(cluster.config().protocol(), downstream);
    IdentityHashMap<Host, Pool> pools = options == null ? http1 : http2;
    Pool pool = pools.get(host);
    if (pool == null) {
      HostConnections opener = new HostConnections(loop, slab, connector, cluster, host);
      pool =
          options == null
              ? new Http1Pool(opener, () -> http1.remove(host))
              : new Http2Pool(opener, options, () -> http2.remove(host));
      pools.put(host, pool);
      if (host.removed()) {
        pool.drain();
      }
    }
    return pool;
  }

  /** Drains the pools of hosts that are gone. Any thread. */
  public void removed(List<Host> hosts) {
    loop.eventLoop()
        .execute(() -> {
          for (Host host : hosts) {
            drain(http1.get(host));
            drain(http2.get(host));
          }
        });
  }

  private static void drain(@Nullable Pool pool) {
    if (pool != null) {
      pool.drain();
    }
  }

  /** The options of HTTP/2 if that is what to speak; null for HTTP/1.1. */
  private static @Nullable Http2Options http2(Cluster.Protocol protocol, Protocol downstream) {
    return switch (protocol) {
      case Cluster.Protocol.Http1() -> null;
      case Cluster.Protocol.Http2(Http2Options options) -> options;
      case Cluster.Protocol.UseDownstream(Http2Options options) ->
          downstream == Protocol.HTTP2 ? options : null;
    };
  }
}
